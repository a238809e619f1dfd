package io.mpquic.quic.interop;

import io.netty.handler.codec.quic.QuicChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.kwik.core.QuicConnection;

/** The other makes: a pair of rows of the table each. */
enum Make {
    AIOQUIC("aioquic", "Python", () -> ProgramPeer.orSkip("aioquic"), "python3-aioquic"),
    NGTCP2("ngtcp2", "C, with GnuTLS", () -> ProgramPeer.orSkip("ngtcp2"), "libngtcp2-dev"),
    QUIC_GO("quic-go", "Go", () -> ProgramPeer.orSkip("quic-go"), "golang-github-lucas-clemente-quic-go-dev"),
    OPENSSL("OpenSSL", "C", () -> ProgramPeer.orSkip("openssl"), "libssl-dev"),
    KWIK("Kwik", "Java", KwikPeer::new, QuicConnection.class),
    QUICHE("quiche", "Rust, with BoringSSL; native code behind Netty", QuichePeer::new, QuicChannel.class);

    final String title;
    final String madeIn;
    private final Supplier<Peer> maker;
    private final Object origin;

    Make(String title, String madeIn, Supplier<Peer> maker, Object origin) {
        this.title = title;
        this.madeIn = madeIn;
        this.maker = maker;
        this.origin = origin;
    }

    /** An endpoint of this make. The test is skipped, or fails in CI, when there is none on this machine. */
    Peer peer() {
        return maker.get();
    }

    boolean hasDatagrams() {
        return this != OPENSSL;
    }

    /** Whether its reports say if a session was resumed: Kwik has no call for that, and Netty does not show BoringSSL's. */
    boolean tellsResumption() {
        return origin instanceof String;
    }

    /** The version, as Debian or Maven know it. */
    String version() {
        return switch (origin) {
            case String debianPackage -> versionOf(debianPackage);
            case Class<?> inJar -> {
                Matcher version = Pattern.compile("-(\\d[^/]*)\\.jar")
                        .matcher(inJar.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .getPath());
                yield version.find() ? version.group(1) : "unknown";
            }
            default -> throw new IllegalStateException(origin.toString());
        };
    }

    private static String versionOf(String debianPackage) {
        Path versions = ProgramPeer.folder().resolve("versions");
        try {
            return Files.readAllLines(versions).stream()
                    .filter(line -> line.startsWith(debianPackage + " "))
                    .map(line -> line.substring(debianPackage.length() + 1) + ", of Debian 13")
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
