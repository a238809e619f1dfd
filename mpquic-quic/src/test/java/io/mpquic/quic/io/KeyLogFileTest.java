package io.mpquic.quic.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets in a file. */
class KeyLogFileTest {
    @TempDir
    private Path directory;

    @Test
    void aFileIsAppendedToAndOnlyItsOwnerReadsIt() throws IOException {
        Path file = directory.resolve("keys.log");
        Files.writeString(file, "before\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (KeyLogFile log = KeyLogFile.append(file)) {
            log.log("LABEL 00 11");
        }
        assertEquals("before\nLABEL 00 11\n", Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aFileThatCannotBeMadeIsAnError() {
        assertThrows(IOException.class, () -> KeyLogFile.append(directory.resolve("absent/keys.log")));
    }

    @Test
    void nothingIsThrownAtAConnectionWhoseLogIsClosed() throws IOException {
        KeyLogFile log = KeyLogFile.append(directory.resolve("keys.log"));
        log.close();
        log.log("LABEL 00 11");
        assertEquals("", Files.readString(directory.resolve("keys.log")));
    }
}
