package io.mpquic.quic.io;

import io.mpquic.quic.tls.KeyLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A key log in a file that is appended to, and that nobody but its owner can read. Thread-safe; each line is written at
 * once, since what reads it looks at a connection that is under way. A file that cannot be written to any more is told
 * in the log once, and the connections go on.
 */
public final class KeyLogFile implements KeyLog, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(KeyLogFile.class.getName());
    private static final String OWNER_ONLY = "rw-------";

    private final Path file;
    private final FileChannel channel;
    private boolean broken;

    private KeyLogFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens a file, which is made when it is not there. A file that is there keeps its lines and loses the permissions
     * of others.
     *
     * @throws IOException when it cannot be written to
     */
    public static KeyLogFile append(Path file) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY))
                }
                : new FileAttribute<?>[0];
        FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), attributes);
        try {
            if (posix) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(OWNER_ONLY));
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new KeyLogFile(file, channel);
    }

    @Override
    public synchronized void log(String line) {
        if (broken) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            broken = true;
            LOG.log(System.Logger.Level.WARNING, "no more TLS keys are written to " + file + ": " + e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        broken = true;
        channel.close();
    }
}
