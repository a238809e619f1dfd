package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/quic-go/quic-go"
)

// Linux's numbers for a TUN device (linux/if_tun.h).
const (
	tunSetInterface = 0x400454ca
	flagTun         = 0x0001
	flagNoHeader    = 0x1000
)

// openTun opens a TUN device that exists already.
func openTun(name string) (*os.File, error) {
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	var request struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:syscall.IFNAMSIZ-1], name)
	request.flags = flagTun | flagNoHeader
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), tunSetInterface, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		syscall.Close(fd)
		return nil, fmt.Errorf("TUN device %s: %w", name, errno)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// tunnel carries raw IP packets between a TUN device and a peer: one packet a
// datagram, nothing before or behind it. The device belongs to the process, the
// newest client has it.
func tunnel(stop context.Context, o options) error {
	device, err := openTun(o.tun)
	if err != nil {
		return err
	}
	defer device.Close()
	var current atomic.Pointer[quic.Connection]
	go fromDevice(device, &current)
	handle := func(connection quic.Connection) error {
		if old := current.Swap(&connection); old != nil {
			(*old).CloseWithError(0, "replaced")
		}
		defer current.CompareAndSwap(&connection, nil)
		return toDevice(stop, device, connection)
	}
	if o.listen != "" {
		return serve(stop, o, handle)
	}
	return dial(stop, o, handle)
}

func fromDevice(device *os.File, current *atomic.Pointer[quic.Connection]) {
	packet := make([]byte, 65535)
	for {
		n, err := device.Read(packet)
		if err != nil {
			return
		}
		connection := current.Load()
		if connection == nil {
			continue
		}
		// A datagram that is too large, or a connection that just ended: a lost packet.
		if err := (*connection).SendDatagram(packet[:n]); err != nil {
			fmt.Fprintln(os.Stderr, "packet dropped:", err)
		}
	}
}

func toDevice(stop context.Context, device *os.File, connection quic.Connection) error {
	for {
		packet, err := connection.ReceiveDatagram(stop)
		if err != nil {
			if stop.Err() != nil {
				connection.CloseWithError(0, "stopped")
			}
			announceEnd(err)
			if !orderly(err) {
				return errors.New("the connection did not end in order")
			}
			return nil
		}
		if _, err := device.Write(packet); err != nil {
			fmt.Fprintln(os.Stderr, "packet refused by the device:", err)
		}
	}
}
