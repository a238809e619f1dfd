package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/quic-go/quic-go"
)

// A test datagram, all numbers big-endian:
//
//	 0       4       8
//	+-------+-------+----------------------
//	| seq   | crc32 | body, any length
//	+-------+-------+----------------------
//
// The checksum covers the sequence number and the body.
const headerBytes = 8

func makeDatagram(sequence uint32, size int) []byte {
	d := make([]byte, size)
	binary.BigEndian.PutUint32(d, sequence)
	for i := headerBytes; i < size; i++ {
		d[i] = byte(uint32(i) * (sequence + 1))
	}
	binary.BigEndian.PutUint32(d[4:], checksum(d))
	return d
}

func checksum(d []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(d[:4]), crc32.IEEETable, d[headerBytes:])
}

func isIntact(d []byte) bool {
	return len(d) >= headerBytes && binary.BigEndian.Uint32(d[4:]) == checksum(d)
}

// answer receives what a client sends until the connection ends.
func answer(stop context.Context, connection quic.Connection, o options) error {
	go echoStreams(connection)
	seen, corrupt := make(map[uint32]bool), 0
	for {
		d, err := connection.ReceiveDatagram(stop)
		if err != nil {
			if stop.Err() != nil {
				connection.CloseWithError(0, "stopped")
			}
			fmt.Printf("DATAGRAM received=%d corrupt=%d\n", len(seen), corrupt)
			announceEnd(err)
			switch {
			case corrupt > 0:
				return fmt.Errorf("%d datagrams came with a wrong checksum", corrupt)
			case len(seen) < o.count:
				return fmt.Errorf("%d of %d datagrams came", len(seen), o.count)
			case !orderly(err):
				return errors.New("the connection did not end in order")
			}
			return nil
		}
		if isIntact(d) {
			seen[binary.BigEndian.Uint32(d)] = true
		} else {
			corrupt++
		}
		if o.echo {
			if err := connection.SendDatagram(d); err != nil {
				fmt.Printf("DATAGRAM echo-failed error=%q\n", err.Error())
			}
		}
	}
}

// The most datagrams that wait for their echo at a time: few enough that no queue
// on the way overflows.
const window = 16

// QUIC may lose a datagram and does not repeat it, so the test does.
const repeatAfter = 500 * time.Millisecond

// ask sends datagrams and takes their echoes, in any order.
func ask(stop context.Context, connection quic.Connection, o options) error {
	deadline, cancel := context.WithTimeout(stop, o.timeout)
	defer cancel()
	waiting := make(map[uint32][]byte)
	sent, received := 0, 0
	for received < o.send {
		for sent < o.send && len(waiting) < window {
			d := makeDatagram(uint32(sent), sizeOf(sent, o.largestSize))
			if err := sendPatiently(deadline, connection, d); err != nil {
				return fmt.Errorf("datagram %d of %d bytes could not be sent: %w", sent, len(d), err)
			}
			waiting[uint32(sent)] = d
			sent++
		}
		patience, enough := context.WithTimeout(deadline, repeatAfter)
		d, err := connection.ReceiveDatagram(patience)
		enough()
		if errors.Is(err, context.DeadlineExceeded) && deadline.Err() == nil {
			for _, d := range waiting {
				if err := sendPatiently(deadline, connection, d); err != nil {
					return err
				}
			}
			continue
		}
		if err != nil {
			fmt.Printf("DATAGRAM received=%d corrupt=0\n", received)
			announceEnd(err)
			return fmt.Errorf("%d of %d echoes came: %w", received, o.send, err)
		}
		if !isIntact(d) {
			fmt.Printf("DATAGRAM received=%d corrupt=1\n", received)
			return fmt.Errorf("an echo of %d bytes is not what was sent", len(d))
		}
		if sequence := binary.BigEndian.Uint32(d); bytes.Equal(waiting[sequence], d) {
			delete(waiting, sequence)
			received++
		}
	}
	fmt.Printf("DATAGRAM received=%d corrupt=0\n", received)
	return nil
}

// sizeOf spreads the sizes over all that is allowed, the largest among the first.
func sizeOf(sequence, largest int) int {
	return largest - sequence*97%(largest-headerBytes+1)
}

// sendPatiently waits for path MTU discovery when a datagram is too large as yet.
func sendPatiently(deadline context.Context, connection quic.Connection, d []byte) error {
	for {
		err := connection.SendDatagram(d)
		var tooLarge *quic.DatagramTooLargeError
		if !errors.As(err, &tooLarge) {
			return err
		}
		select {
		case <-deadline.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}
