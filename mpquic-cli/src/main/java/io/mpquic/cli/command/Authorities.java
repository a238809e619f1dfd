package io.mpquic.cli.command;

import io.mpquic.quic.tls.CredentialException;
import io.mpquic.quic.tls.TrustAnchors;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The certification authorities of all instances of a process: each file is read once. One thread. */
final class Authorities {
    private final Map<Path, TrustAnchors> byFile = new HashMap<>();
    private @Nullable TrustAnchors system;

    TrustAnchors of(Path file) throws CredentialException {
        @Nullable TrustAnchors known = byFile.get(file);
        if (known == null) {
            known = TrustAnchors.load(file);
            byFile.put(file, known);
        }
        return known;
    }

    /** Those of the Java runtime. */
    TrustAnchors system() throws CredentialException {
        if (system == null) {
            system = TrustAnchors.system();
        }
        return system;
    }
}
