// quic-go-peer is a QUIC endpoint of another make, for the interoperability
// tests of mpquic. It speaks what the tunnels speak: QUIC version 1, ALPN
// mpquic-ip, unreliable datagrams. scripts/peers.sh builds it.
//
//	quic-go-peer server --listen ADDR --cert FILE --key FILE [--client-ca FILE] [--retry] [--echo] [--count N]
//	quic-go-peer client --connect ADDR (--ca FILE | --insecure) [--server-name NAME] [--send N] [--stream BYTES]
//	             [--resume] [--update-keys]
//	quic-go-peer tunnel --tun NAME (--listen ADDR ... | --connect ADDR ...)
//
// A server prints what its clients do, one event a line, and serves until it is
// told to stop (SIGTERM, or the end of standard input with --until-eof), or with
// --once until its first client has gone. What its clients send on a bidirectional
// stream, it sends back on it. A client with --send sends N datagrams of many
// sizes and waits for all their echoes, then with --stream it opens a stream and
// has its bytes sent back; it closes, and exits 0 if all came back as it was. With
// --resume it does so twice, the second time in a connection that resumes the
// session of the first; with --update-keys, too, after new keys. (quic-go
// takes new keys by itself after 100 packets, and only then.) A tunnel carries raw IP packets, one a datagram, between a TUN
// device that exists already and its peer.
//
// The lines on standard output, for the tests to read:
//
//	READY port=N                     the socket is bound
//	HANDSHAKE ok alpn=A remote=R datagrams=B cipher=C resumed=B
//	HANDSHAKE failed error=E
//	STREAM received=N sha256=S       the whole of a stream
//	KEYS updated                     and everything came back after that
//	DATAGRAM received=N corrupt=N    different ones that came from this peer
//	CLOSED by=peer|local|timeout|reset code=N application=B reason=R
//	RESULT pass | RESULT fail reason=R
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/quic-go/quic-go"
)

const alpn = "mpquic-ip"

type options struct {
	listen, connect          string
	cert, key, ca, clientCA  string
	serverName, tun          string
	insecure, echo, once     bool
	retry                    bool
	untilEOF                 bool
	resume, updateKeys       bool
	count, send, largestSize int
	stream                   int
	timeout                  time.Duration
}

func main() {
	// Its warning about small socket buffers would mix with the lines of the tests.
	os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true")
	if len(os.Args) < 2 {
		fail("usage: quic-go-peer server|client|tunnel OPTIONS (-h for the options)")
	}
	o := parse(os.Args[1], os.Args[2:])
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if o.untilEOF {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	var err error
	switch {
	case os.Args[1] == "tunnel":
		err = tunnel(stop, o)
	case os.Args[1] == "server":
		err = serve(stop, o, func(c quic.Connection) error { return answer(stop, c, o) })
	case os.Args[1] == "client":
		err = run(stop, o)
	default:
		fail("unknown mode " + os.Args[1])
	}
	if err != nil {
		fail(err.Error())
	}
	fmt.Println("RESULT pass")
}

func fail(reason string) {
	fmt.Printf("RESULT fail reason=%q\n", reason)
	os.Exit(1)
}

func parse(mode string, arguments []string) options {
	var o options
	f := flag.NewFlagSet("quic-go-peer "+mode, flag.ExitOnError)
	f.StringVar(&o.listen, "listen", "", "address and port to serve on; port 0 picks one")
	f.StringVar(&o.connect, "connect", "", "address and port of the server")
	f.StringVar(&o.cert, "cert", "", "own certificate chain, PEM")
	f.StringVar(&o.key, "key", "", "own private key, PEM")
	f.StringVar(&o.ca, "ca", "", "what the server's certificate must chain to, PEM")
	f.StringVar(&o.clientCA, "client-ca", "", "ask clients for a certificate that chains to this, PEM")
	f.StringVar(&o.serverName, "server-name", "", "name that the server's certificate must have")
	f.StringVar(&o.tun, "tun", "", "TUN device of a tunnel")
	f.BoolVar(&o.insecure, "insecure", false, "accept any certificate of the server")
	f.BoolVar(&o.echo, "echo", false, "send each datagram back")
	f.BoolVar(&o.retry, "retry", false, "let clients prove their address first")
	f.BoolVar(&o.once, "once", false, "serve one client, then end")
	f.BoolVar(&o.untilEOF, "until-eof", false, "end when standard input does")
	f.BoolVar(&o.resume, "resume", false, "connect twice, and resume the session of the first connection")
	f.BoolVar(&o.updateKeys, "update-keys", false, "send enough for new keys")
	f.IntVar(&o.stream, "stream", 0, "bytes to send on a stream and to have sent back")
	f.IntVar(&o.count, "count", 0, "datagrams that must come from a client")
	f.IntVar(&o.send, "send", 0, "datagrams to send and to have echoed")
	f.IntVar(&o.largestSize, "largest", 1100, "size of the largest datagram to send, in bytes")
	f.DurationVar(&o.timeout, "timeout", 60*time.Second, "how long the echoes may take in all")
	f.Parse(arguments)
	if (o.listen == "") == (o.connect == "") {
		fail("exactly one of --listen and --connect is needed")
	}
	return o
}

func quicConfig() *quic.Config {
	return &quic.Config{
		EnableDatagrams: true,
		KeepAlivePeriod: 15 * time.Second,
		MaxIdleTimeout:  60 * time.Second,
	}
}

func pool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + file)
	}
	return p, nil
}

func tlsConfig(o options) (*tls.Config, error) {
	c := &tls.Config{
		NextProtos:         []string{alpn},
		MinVersion:         tls.VersionTLS13,
		ServerName:         o.serverName,
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
		InsecureSkipVerify: o.insecure,
	}
	var err error
	if o.cert != "" {
		pair, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if o.ca != "" {
		if c.RootCAs, err = pool(o.ca); err != nil {
			return nil, err
		}
	}
	if o.clientCA != "" {
		if c.ClientCAs, err = pool(o.clientCA); err != nil {
			return nil, err
		}
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}

// serve accepts clients and lets each one be handled, several at a time.
func serve(stop context.Context, o options, handle func(quic.Connection) error) error {
	security, err := tlsConfig(o)
	if err != nil {
		return err
	}
	address, err := net.ResolveUDPAddr("udp", o.listen)
	if err != nil {
		return err
	}
	socket, err := net.ListenUDP("udp", address)
	if err != nil {
		return err
	}
	defer socket.Close()
	transport := &quic.Transport{Conn: socket, VerifySourceAddress: func(net.Addr) bool { return o.retry }}
	defer transport.Close()
	listener, err := transport.Listen(security, quicConfig())
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Printf("READY port=%d\n", listener.Addr().(*net.UDPAddr).Port)
	var first atomic.Pointer[error]
	var clients sync.WaitGroup
	for {
		connection, err := listener.Accept(stop)
		if err != nil {
			break
		}
		announce(connection)
		clients.Add(1)
		go func() {
			defer clients.Done()
			if err := handle(connection); err != nil {
				first.CompareAndSwap(nil, &err)
			}
		}()
		if o.once {
			break
		}
	}
	clients.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}

// dial connects to a server and lets the connection be handled.
func dial(stop context.Context, o options, handle func(quic.Connection) error) error {
	security, err := tlsConfig(o)
	if err != nil {
		return err
	}
	return dialWith(stop, o, security, handle)
}

func dialWith(stop context.Context, o options, security *tls.Config, handle func(quic.Connection) error) error {
	connection, err := quic.DialAddr(stop, o.connect, security, quicConfig())
	if err != nil {
		fmt.Printf("HANDSHAKE failed error=%q\n", err.Error())
		return errors.New("no handshake")
	}
	fmt.Printf("READY port=%d\n", connection.LocalAddr().(*net.UDPAddr).Port)
	announce(connection)
	return handle(connection)
}

func announce(connection quic.Connection) {
	state := connection.ConnectionState()
	fmt.Printf("HANDSHAKE ok alpn=%s remote=%s datagrams=%t cipher=%s resumed=%t\n", state.TLS.NegotiatedProtocol,
		connection.RemoteAddr(), state.SupportsDatagrams, tls.CipherSuiteName(state.TLS.CipherSuite), state.TLS.DidResume)
}

// announceEnd says why a connection ended, given the error of its last call.
func announceEnd(err error) {
	var application *quic.ApplicationError
	var transport *quic.TransportError
	var idle *quic.IdleTimeoutError
	var reset *quic.StatelessResetError
	by := map[bool]string{true: "peer", false: "local"}
	switch {
	case errors.As(err, &application):
		fmt.Printf("CLOSED by=%s code=%d application=true reason=%q\n",
			by[application.Remote], uint64(application.ErrorCode), application.ErrorMessage)
	case errors.As(err, &transport):
		fmt.Printf("CLOSED by=%s code=%d application=false reason=%q\n",
			by[transport.Remote], uint64(transport.ErrorCode), transport.ErrorMessage)
	case errors.As(err, &idle):
		fmt.Println("CLOSED by=timeout code=0 application=false reason=\"\"")
	case errors.As(err, &reset):
		fmt.Println("CLOSED by=reset code=0 application=false reason=\"\"")
	default:
		fmt.Printf("CLOSED by=local code=0 application=true reason=%q\n", err.Error())
	}
}

// orderly says whether a connection ended because one side wanted it to.
func orderly(err error) bool {
	var application *quic.ApplicationError
	if errors.As(err, &application) {
		return application.ErrorCode == 0
	}
	return errors.Is(err, context.Canceled)
}
