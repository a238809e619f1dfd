package io.mpquic.quic.tls;

import io.mpquic.quic.wire.TransportException;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsServer;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientHello;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsPSKExternal;
import org.jspecify.annotations.Nullable;

/** The server's choices and checks during one handshake. */
@SuppressWarnings({"rawtypes", "JdkObsolete"}) // the collections that BouncyCastle's interface is made of
final class ServerPeer extends AbstractTlsServer {
    private final TlsServerConfig config;
    private final byte[] localTransportParameters;
    private final HandshakeSink sink;
    private final ServerPsks psks;

    private String alpn = "";
    private List<X509Certificate> clientChain = List.of();

    ServerPeer(TlsServerConfig config, byte[] localTransportParameters, HandshakeSink sink) {
        this(config, new QuicTlsCrypto(config.settings().random(), sink), localTransportParameters, sink);
    }

    private ServerPeer(
            TlsServerConfig config, QuicTlsCrypto crypto, byte[] localTransportParameters, HandshakeSink sink) {
        super(crypto);
        this.psks = new ServerPsks(config, crypto);
        this.config = config;
        this.localTransportParameters = localTransportParameters;
        this.sink = sink;
    }

    // --- what is accepted

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.TLSv13.only(); // RFC 9001 §4.2: nothing older
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return config.settings().cipherSuiteIds();
    }

    @Override
    public int[] getSupportedGroups() {
        return config.settings().groupIds();
    }

    @Override
    public int getMaxHandshakeMessageSize() {
        return HandshakeMessages.MAX_BYTES;
    }

    // --- extensions. The base class would also negotiate what QUIC has no use for, such as record sizes.

    @Override
    public void processClientExtensions(Hashtable extensions) throws IOException {
        clientExtensions = extensions;
        List<?> offered = TlsExtensionsUtils.getALPNExtensionClient(extensions);
        alpn = chooseProtocol(offered == null ? List.of() : offered);
        sink.onPeerTransportParameters(TlsExtensions.transportParameters(extensions));
    }

    private String chooseProtocol(List<?> offered) throws HandshakeFault {
        for (String protocol : config.settings().alpn()) {
            if (offered.contains(ProtocolName.asUtf8Encoding(protocol))) {
                return protocol;
            }
        }
        // RFC 9001 §8.1: both ends must agree on a protocol.
        throw new HandshakeFault(TlsAlert.NO_APPLICATION_PROTOCOL.because("the client offered none of the "
                + "application protocols " + config.settings().alpn()));
    }

    @Override
    public Hashtable<Integer, byte[]> getServerExtensions() {
        Hashtable<Integer, byte[]> extensions = new Hashtable<>();
        extensions.put(TlsExtensions.QUIC_TRANSPORT_PARAMETERS, localTransportParameters);
        EarlyKey early = psks.acceptEarlyData(localTransportParameters);
        if (early != null) {
            TlsExtensionsUtils.addEarlyDataIndication(extensions);
            sink.onEarlyKey(early);
        }
        return extensions;
    }

    @Override
    public void getServerExtensionsForConnection(Hashtable extensions) throws IOException {
        TlsExtensionsUtils.addALPNExtensionServer(extensions, ProtocolName.asUtf8Encoding(alpn));
    }

    // --- pre-shared keys

    void onClientHello(ClientHello hello) throws IOException {
        psks.onClientHello(hello);
    }

    @Override
    public @Nullable TlsPSKExternal getExternalPSK(Vector identities) {
        return psks.choose(identities);
    }

    // --- certificates

    @Override
    public TlsCredentials getCredentials() throws IOException {
        Identity identity = config.identity();
        if (identity == null) {
            throw new HandshakeFault(TlsAlert.HANDSHAKE_FAILURE.because(
                    "the client offered no pre-shared key that is known here, and there is no certificate to show"));
        }
        IdentitySigner signer = IdentitySigner.of(
                identity, context.getSecurityParametersHandshake().getClientSigAlgs());
        if (signer == null) {
            throw new HandshakeFault(TlsAlert.HANDSHAKE_FAILURE.because(
                    "the client accepts no signature that the server's key can make"));
        }
        return signer;
    }

    @Override
    public @Nullable CertificateRequest getCertificateRequest() throws IOException {
        if (config.clientTrust() == null) {
            return null;
        }
        return new CertificateRequest(
                new byte[0], TlsExtensions.signatureAlgorithms(), TlsExtensions.certificateSignatureAlgorithms(), null);
    }

    @Override
    public void notifyClientCertificate(Certificate message) throws IOException {
        TrustAnchors trust = config.clientTrust();
        if (trust == null) {
            throw new IllegalStateException("no certificate was asked for");
        }
        if (message.isEmpty()) {
            throw new HandshakeFault(
                    TlsAlert.CERTIFICATE_REQUIRED.because("the client showed no certificate, and one is required"));
        }
        clientChain = X509TlsCertificate.chainOf(message);
        try {
            new PeerVerifier(trust, PeerRole.CLIENT, null, config.settings().clock()).verify(clientChain);
        } catch (TransportException e) {
            throw new HandshakeFault(e);
        }
    }

    @Override
    public void notifyHandshakeComplete() {
        sink.onComplete(psks.outcome(alpn, clientChain));
    }
}
