package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand"

	"github.com/quic-go/quic-go"
)

// More packets than quic-go sends before it takes new keys.
const datagramsForKeys = 200

// run is the whole life of a client: one connection, or two.
func run(stop context.Context, o options) error {
	security, err := tlsConfig(o)
	if err != nil {
		return err
	}
	once := func(c quic.Connection) error { return exchange(stop, c, o) }
	if err := dialWith(stop, o, security, once); err != nil || !o.resume {
		return err
	}
	return dialWith(stop, o, security, once)
}

// exchange has everything sent back, and leaves.
func exchange(stop context.Context, connection quic.Connection, o options) error {
	if o.updateKeys && o.send < datagramsForKeys {
		o.send = datagramsForKeys
	}
	if err := ask(stop, connection, o); err != nil {
		return err
	}
	if o.stream > 0 {
		if err := askStream(stop, connection, o.stream); err != nil {
			return err
		}
	}
	if o.updateKeys {
		fmt.Println("KEYS updated")
	}
	if err := connection.CloseWithError(0, "done"); err != nil {
		return err
	}
	announceEnd(context.Cause(connection.Context()))
	return nil
}

func askStream(stop context.Context, connection quic.Connection, size int) error {
	stream, err := connection.OpenStreamSync(stop)
	if err != nil {
		return err
	}
	data := make([]byte, size)
	rand.New(rand.NewSource(int64(size))).Read(data)
	go func() {
		stream.Write(data)
		stream.Close()
	}()
	echo, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	if !bytes.Equal(echo, data) {
		return fmt.Errorf("the echo has %d bytes, and is not what was sent", len(echo))
	}
	fmt.Printf("STREAM received=%d sha256=%x\n", len(echo), sha256.Sum256(echo))
	return nil
}

// echoStreams sends back what comes on each stream that a client opens.
func echoStreams(connection quic.Connection) {
	for {
		stream, err := connection.AcceptStream(connection.Context())
		if err != nil {
			return
		}
		go func() {
			sum := sha256.New()
			n, err := io.Copy(stream, io.TeeReader(stream, sum))
			if err == nil {
				fmt.Printf("STREAM received=%d sha256=%x\n", n, sum.Sum(nil))
				stream.Close()
			}
		}()
	}
}
