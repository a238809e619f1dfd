package io.mpquic.quic.io;

import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.qlog.QlogTrace;
import io.mpquic.quic.wire.ConnectionId;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A qlog file for each connection, named by its original Destination Connection ID and this end's role, such as
 * {@code 8394c8f03e515708_client.sqlog}.
 *
 * <p>The files are written on the thread of the connection: this is for looking into a problem, not for every day. A file
 * ends at its limit, so that a forgotten qlog does not fill the disk; a disk that is full, or a directory that is gone,
 * ends the log and not the connection. One thread uses an instance.
 */
public final class QlogDirectory implements ConnectionTrace.Factory {
    /** Some minutes of a busy tunnel. */
    public static final long DEFAULT_MAX_FILE_BYTES = 256L << 20;

    private static final System.Logger LOG = System.getLogger(QlogDirectory.class.getName());
    private static final int BUFFER_BYTES = 32 << 10;

    private final Path directory;
    private final long maxFileBytes;

    /**
     * Logs into a directory.
     *
     * @param maxFileBytes how long a file can become, at least 1
     * @throws IOException when the directory cannot be made, or no file can be written there
     */
    public QlogDirectory(Path directory, long maxFileBytes) throws IOException {
        if (maxFileBytes < 1) {
            throw new IllegalArgumentException("maxFileBytes must be at least 1, not " + maxFileBytes);
        }
        this.directory = directory;
        this.maxFileBytes = maxFileBytes;
        Files.createDirectories(directory);
        Files.delete(Files.createTempFile(directory, ".mpquic", ".sqlog"));
    }

    @Override
    public @Nullable ConnectionTrace open(
            boolean client, ConnectionId originalDestination, InetSocketAddress remote, long nowNs) {
        String id = HexFormat.of().formatHex(originalDestination.bytes());
        Path file = directory.resolve(id + (client ? "_client" : "_server") + ".sqlog");
        try {
            Log log = new Log(file);
            return new QlogTrace(
                    log::append, log::close, client, originalDestination, remote, System.currentTimeMillis(), nowNs);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "no qlog for this connection: " + file + ": " + e);
            return null;
        }
    }

    /** One file, until it is full or broken. */
    private final class Log {
        private final Path file;
        private @Nullable OutputStream out;
        private long bytes;

        Log(Path file) throws IOException {
            this.file = file;
            // A client that is tried again may choose an ID that has a file: that one is of the past.
            out = new BufferedOutputStream(
                    Files.newOutputStream(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE),
                    BUFFER_BYTES);
        }

        void append(String record) {
            OutputStream open = out;
            if (open == null) {
                return;
            }
            byte[] encoded = record.getBytes(StandardCharsets.UTF_8);
            bytes += encoded.length;
            if (bytes > maxFileBytes) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the qlog ends here, it is " + maxFileBytes + " bytes long: " + file);
                close();
                return;
            }
            try {
                open.write(encoded);
            } catch (IOException e) {
                fail(e);
            }
        }

        void close() {
            OutputStream open = out;
            out = null;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    fail(e);
                }
            }
        }

        private void fail(IOException e) {
            out = null;
            LOG.log(System.Logger.Level.WARNING, "the qlog ends here: " + file + ": " + e);
        }
    }
}
