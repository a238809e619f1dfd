package io.mpquic.quic.endpoint;

import io.mpquic.quic.stream.QuicStream;
import java.util.Random;
import java.util.zip.CRC32;

/** Writes a number of bytes, reads to the end, and keeps checksums of both. */
final class Talk {
    final QuicStream stream;
    final CRC32 wrote = new CRC32();
    final CRC32 read = new CRC32();
    private final Random random;
    private final byte[] in = new byte[5000];
    private byte[] rest = {};
    private int restFrom;
    private long left;
    boolean ended;

    Talk(QuicStream stream, long bytes, long seed) {
        this.stream = stream;
        left = bytes;
        random = new Random(seed);
    }

    void go() {
        write();
        for (int n = ended ? -1 : stream.read(in, 0, in.length); n != 0; n = stream.read(in, 0, in.length)) {
            if (n < 0) {
                ended = true;
                return;
            }
            read.update(in, 0, n);
        }
    }

    private void write() {
        while (true) {
            if (restFrom == rest.length) {
                if (left == 0) {
                    stream.finish();
                    return;
                }
                rest = new byte[(int) Math.min(left, 10_000)];
                restFrom = 0;
                random.nextBytes(rest);
                wrote.update(rest);
                left -= rest.length;
            }
            int taken = stream.write(rest, restFrom, rest.length - restFrom);
            if (taken == 0) {
                return;
            }
            restFrom += taken;
        }
    }
}
