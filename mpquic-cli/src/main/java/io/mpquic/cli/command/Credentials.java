package io.mpquic.cli.command;

import io.mpquic.cli.config.CertificateFiles;
import io.mpquic.cli.config.ServerTrust;
import io.mpquic.cli.config.Side;
import io.mpquic.quic.tls.CredentialException;
import io.mpquic.quic.tls.Identity;
import io.mpquic.quic.tls.KeyLog;
import io.mpquic.quic.tls.TlsClientConfig;
import io.mpquic.quic.tls.TlsServerConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Turns the TLS part of a configuration into what the handshake needs. This reads the files that it names. */
final class Credentials {
    /** The application protocol, the same as the Go program's. */
    static final String ALPN = "mpquic-ip";

    /** The name that a certificate made at run time is for. */
    private static final String GENERATED_NAME = "mpquic-server";

    private Credentials() {}

    static TlsClientConfig of(Side.Client client, Authorities authorities, Optional<KeyLog> keyLog)
            throws CredentialException {
        TlsClientConfig.Builder builder = TlsClientConfig.builder()
                .alpn(ALPN)
                .serverName(client.serverName().value());
        switch (client.trust()) {
            case ServerTrust.Authorities(var file) -> builder.trust(authorities.of(file));
            case ServerTrust.SystemAuthorities() -> builder.trust(authorities.system());
            case ServerTrust.Anyone() -> builder.insecure();
        }
        Optional<CertificateFiles> files = usableIdentity(client);
        if (files.isPresent()) {
            builder.identity(load(files.get()));
        }
        keyLog.ifPresent(builder::keyLog);
        return builder.build();
    }

    /**
     * The client's own certificate, when its files are there. The Go program's clients ignore these keys, so files of
     * its time may name some that never were; a server that asks for a certificate will say so.
     */
    static Optional<CertificateFiles> usableIdentity(Side.Client client) {
        return client.identity().filter(files -> Files.exists(files.certificate()) && Files.exists(files.key()));
    }

    static TlsServerConfig of(Side.Server server, Identity identity, Authorities authorities, Optional<KeyLog> keyLog)
            throws CredentialException {
        TlsServerConfig.Builder builder = TlsServerConfig.builder().alpn(ALPN).identity(identity);
        if (server.clientAuthorities().isPresent()) {
            builder.clientTrust(authorities.of(server.clientAuthorities().get()));
        }
        keyLog.ifPresent(builder::keyLog);
        return builder.build();
    }

    /** What a server shows: the certificate of its files, or one made now. */
    static Identity identity(Side.Server server) throws CredentialException {
        return server.identity().isPresent() ? load(server.identity().get()) : Identity.selfSigned(GENERATED_NAME);
    }

    /**
     * The secret behind the stateless resets of a server. It follows from the server's private key, so it is the same
     * after a restart: clients of the process before learn at once that their session is gone (RFC 9000 §10.3).
     */
    static byte[] statelessResetKey(Identity identity) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(identity.privateKey().getEncoded(), "HmacSHA256"));
            return mac.doFinal("mpquic stateless reset".getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has HmacSHA256", e);
        }
    }

    private static Identity load(CertificateFiles files) throws CredentialException {
        return Identity.load(files.certificate(), files.key());
    }
}
