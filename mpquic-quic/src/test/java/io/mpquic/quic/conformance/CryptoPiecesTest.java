package io.mpquic.quic.conformance;

import io.mpquic.quic.wire.CryptoFrame;
import io.mpquic.quic.wire.EncryptionLevel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §7.5: TLS bytes in pieces. */
class CryptoPiecesTest {
    /** Some clients cut their ClientHello like this on purpose, so that nobody on the path relies on its shape. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10, 100})
    void aClientHelloMayComeInSmallPiecesTheLastFirst(int pieceBytes) {
        RawPeer peer = RawPeer.of(true).prepare();
        byte[] hello = peer.nextCrypto(EncryptionLevel.INITIAL);
        List<CryptoFrame> pieces = new ArrayList<>();
        for (int from = 0; from < hello.length; from += pieceBytes) {
            int length = Math.min(pieceBytes, hello.length - from);
            pieces.add(new CryptoFrame(from, MemorySegment.ofArray(hello).asSlice(from, length)));
        }
        while (!pieces.isEmpty()) {
            PacketDraft draft = peer.packet(EncryptionLevel.INITIAL);
            for (int i = 0; i < 150 && !pieces.isEmpty(); i++) {
                draft.payload(RawBytes.frames(pieces.removeLast()));
            }
            peer.send(draft.padTo(1200));
        }
        peer.handshake().assertAlive();
    }
}
