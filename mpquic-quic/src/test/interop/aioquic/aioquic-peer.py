"""aioquic-peer is a QUIC endpoint of another make, for the interoperability tests
of mpquic. Its options and lines are those of ../quic-go, see there, and README.md."""

import argparse
import asyncio
import hashlib
import struct
import sys
import zlib

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.quic import events
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicProtocolVersion

# The most datagrams that wait for their echo at a time, and when they are repeated.
WINDOW = 16
REPEAT_AFTER_S = 0.5


def say(line):
    print(line, flush=True)


def make_datagram(sequence, largest):
    size = largest - sequence * 97 % (largest - 7)
    head = struct.pack(">I", sequence)
    body = bytes(i * (sequence + 1) & 0xFF for i in range(8, size))
    return head + struct.pack(">I", zlib.crc32(body, zlib.crc32(head))) + body


def is_intact(datagram):
    return len(datagram) >= 8 and datagram[4:8] == struct.pack(
        ">I", zlib.crc32(datagram[8:], zlib.crc32(datagram[:4])))


class Peer(QuicConnectionProtocol):
    """One connection, of either role: a server's sends back what comes."""

    def __init__(self, quic, stream_handler=None):
        super().__init__(quic, stream_handler)
        self.client = quic.configuration.is_client
        self.seen, self.corrupt = set(), 0
        self.streams, self.finished = {}, asyncio.Event()
        self.news = asyncio.Event()
        self.closing = self.gone = False

    def quic_event_received(self, event):
        match event:
            case events.HandshakeCompleted():
                say(f"HANDSHAKE ok alpn={event.alpn_protocol} cipher={self._quic.tls.key_schedule.cipher_suite.name} "
                    f"resumed={str(event.session_resumed).lower()}")
            case events.DatagramFrameReceived():
                if is_intact(event.data):
                    self.seen.add(event.data[:4])
                else:
                    self.corrupt += 1
                if not self.client:
                    self._quic.send_datagram_frame(event.data)
            case events.StreamDataReceived():
                self.on_stream(event)
            case events.ConnectionTerminated():
                self.gone = True
                self.finished.set()
                by = "local" if self.closing else "timeout" if "timeout" in event.reason_phrase else "peer"
                say(f"DATAGRAM received={len(self.seen)} corrupt={self.corrupt}")
                say(f"CLOSED by={by} code={event.error_code} "
                    f'application={str(event.frame_type is None).lower()} reason="{event.reason_phrase}"')
        self.news.set()

    def on_stream(self, event):
        received = self.streams.setdefault(event.stream_id, bytearray())
        received += event.data
        if not self.client:
            self._quic.send_stream_data(event.stream_id, event.data, event.end_stream)
        if event.end_stream:
            if not self.client:
                say(f"STREAM received={len(received)} sha256={hashlib.sha256(received).hexdigest()}")
            self.finished.set()

    async def exchange_datagrams(self, count, largest):
        for sequence in range(count):
            await self.echoes(sequence, WINDOW - 1, largest)
            self._quic.send_datagram_frame(make_datagram(sequence, largest))
            self.transmit()
        await self.echoes(count, 0, largest)

    async def echoes(self, sent, missing, largest):
        """Waits until no more than that many of the first datagrams lack their echo."""
        while sent - len(self.seen) > missing:
            if self.gone:
                raise ConnectionError(f"{len(self.seen)} of {sent} echoes came")
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), REPEAT_AFTER_S)
            except TimeoutError:
                for sequence in range(sent):
                    if struct.pack(">I", sequence) not in self.seen:
                        self._quic.send_datagram_frame(make_datagram(sequence, largest))
                self.transmit()

    async def exchange_stream(self, size):
        stream = self._quic.get_next_available_stream_id()
        data = hashlib.shake_256(b"mpquic").digest(size)
        self.finished.clear()
        self._quic.send_stream_data(stream, data, True)
        self.transmit()
        await self.finished.wait()
        received = bytes(self.streams.get(stream, b""))
        if received != data:
            raise ConnectionError(f"the echo has {len(received)} bytes, and is not what was sent")
        say(f"STREAM received={len(received)} sha256={hashlib.sha256(received).hexdigest()}")


async def open_connection(o, configuration, tickets):
    quic = QuicConnection(configuration=configuration, session_ticket_handler=tickets.append)
    loop = asyncio.get_event_loop()
    _, peer = await loop.create_datagram_endpoint(lambda: Peer(quic), local_addr=("127.0.0.1", 0))
    peer.connect(o.connect)
    await peer.wait_connected()
    return peer


async def exchange(peer, o):
    peer.seen.clear()
    if o.send:
        await peer.exchange_datagrams(o.send, o.largest)
    if o.stream:
        await peer.exchange_stream(o.stream)


async def leave(peer):
    peer.closing = True
    peer.close(0, "done")
    await peer.wait_closed()


async def client(o):
    configuration = configured(o, True)
    configuration.server_name = o.server_name
    configuration.load_verify_locations(o.ca)
    tickets = []
    peer = await open_connection(o, configuration, tickets)
    await exchange(peer, o)
    if o.resume:
        await leave(peer)
        if not tickets:
            raise ConnectionError("no session ticket came")
        configuration.session_ticket = tickets[-1]
        peer = await open_connection(o, configuration, tickets)
        await exchange(peer, o)
    if o.update_keys:
        peer.request_key_update()
        await exchange(peer, o)
        say("KEYS updated")
    if o.move_to:
        await asyncio.get_event_loop().create_datagram_endpoint(lambda: peer, local_addr=(o.move_to, 0))
        peer.change_connection_id()
        await exchange(peer, o)
        say("MOVED")
    await leave(peer)


async def server(o):
    tickets = {}
    listener = await serve(
        *o.listen, configuration=configured(o, False), create_protocol=Peer, retry=o.retry,
        session_ticket_fetcher=tickets.get, session_ticket_handler=lambda t: tickets.update({t.ticket: t}))
    say(f"READY port={listener._transport.get_extra_info('sockname')[1]}")
    await asyncio.get_event_loop().run_in_executor(None, sys.stdin.read)
    listener.close()


def configured(o, is_client):
    configuration = QuicConfiguration(
        is_client=is_client, alpn_protocols=["mpquic-ip"], max_datagram_frame_size=65535,
        supported_versions=[QuicProtocolVersion.VERSION_1])
    if o.cert:
        configuration.load_cert_chain(o.cert, o.key)
    return configuration


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("mode", choices=["server", "client"])
    p.add_argument("--listen", type=address)
    p.add_argument("--connect", type=address)
    for option in ("cert", "key", "ca", "server-name", "move-to"):
        p.add_argument("--" + option)
    for option in ("retry", "echo", "until-eof", "resume", "update-keys"):
        p.add_argument("--" + option, action="store_true")
    for option, value in (("send", 0), ("stream", 0), ("largest", 1100)):
        p.add_argument("--" + option, type=int, default=value)
    o = p.parse_args()
    try:
        asyncio.run(server(o) if o.mode == "server" else client(o))
    except Exception as e:
        say(f'RESULT fail reason="{type(e).__name__} {e}"')
        sys.exit(1)
    say("RESULT pass")


main()
