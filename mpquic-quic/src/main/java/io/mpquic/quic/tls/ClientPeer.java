package io.mpquic.quic.tls;

import io.mpquic.quic.wire.TransportException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsClient;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CertificateStatusRequest;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsPSK;
import org.bouncycastle.tls.TlsServerCertificate;
import org.jspecify.annotations.Nullable;

/** The client's choices and checks during one handshake. */
@SuppressWarnings({"rawtypes", "JdkObsolete"}) // the collections that BouncyCastle's interface is made of
final class ClientPeer extends AbstractTlsClient implements TlsAuthentication {
    private final TlsClientConfig config;
    private final byte[] localTransportParameters;
    private final HandshakeSink sink;
    private final ClientPsks psks;

    private String alpn = "";
    private List<X509Certificate> serverChain = List.of();

    ClientPeer(TlsClientConfig config, byte[] localTransportParameters, HandshakeSink sink) {
        this(config, new QuicTlsCrypto(config.settings().random(), sink), localTransportParameters, sink);
    }

    private ClientPeer(
            TlsClientConfig config, QuicTlsCrypto crypto, byte[] localTransportParameters, HandshakeSink sink) {
        super(crypto);
        this.psks = new ClientPsks(config, crypto);
        this.config = config;
        this.localTransportParameters = localTransportParameters;
        this.sink = sink;
    }

    // --- what the ClientHello says

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.TLSv13.only(); // RFC 9001 §4.2: nothing older
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return config.settings().cipherSuiteIds();
    }

    @Override
    protected Vector<Integer> getSupportedGroups(Vector namedGroupRoles) {
        Vector<Integer> groups = new Vector<>();
        for (int id : config.settings().groupIds()) {
            groups.add(id);
        }
        return groups;
    }

    @Override
    public Vector<Integer> getEarlyKeyShareGroups() {
        List<KeyExchangeGroup> groups = config.settings().groups();
        // A server that does not know a hybrid then need not ask for another share, which costs a round trip.
        int shares = groups.get(0) == KeyExchangeGroup.X25519MLKEM768 ? Math.min(2, groups.size()) : 1;
        Vector<Integer> early = new Vector<>();
        for (KeyExchangeGroup group : groups.subList(0, shares)) {
            early.add(group.id());
        }
        return early;
    }

    @Override
    protected Vector<SignatureAndHashAlgorithm> getSupportedSignatureAlgorithms() {
        return TlsExtensions.signatureAlgorithms();
    }

    @Override
    protected Vector<SignatureAndHashAlgorithm> getSupportedSignatureAlgorithmsCert() {
        return TlsExtensions.certificateSignatureAlgorithms();
    }

    @Override
    protected Vector<ProtocolName> getProtocolNames() {
        return TlsExtensions.protocolNames(config.settings().alpn());
    }

    @Override
    protected @Nullable Vector<ServerName> getSNIServerNames() {
        PeerName name = config.serverName();
        if (name == null || name.dnsName() == null) {
            return null; // RFC 6066 §3: addresses are not sent
        }
        Vector<ServerName> names = new Vector<>();
        names.add(new ServerName(NameType.host_name, name.dnsName().getBytes(StandardCharsets.US_ASCII)));
        return names;
    }

    @Override
    protected @Nullable CertificateStatusRequest getCertificateStatusRequest() {
        return null;
    }

    @Override
    public boolean shouldUseCompatibilityMode() {
        return false; // RFC 9001 §8.4
    }

    @Override
    public int getMaxHandshakeMessageSize() {
        return HandshakeMessages.MAX_BYTES;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Hashtable getClientExtensions() throws IOException {
        Hashtable extensions = super.getClientExtensions();
        extensions.put(TlsExtensions.QUIC_TRANSPORT_PARAMETERS, localTransportParameters);
        EarlyKey early = psks.earlyKey();
        if (early != null) {
            sink.onEarlyKey(early);
        }
        return psks.extensions(extensions);
    }

    @Override
    public @Nullable Vector<OfferedPsk> getExternalPSKs() {
        return psks.offers();
    }

    // --- what the server answers

    /** A HelloRetryRequest has settled the hash. Returns the length of the binders in the next ClientHello, in bytes. */
    int onRetry() {
        return psks.onRetry(context.getSecurityParametersHandshake().getPRFAlgorithm());
    }

    @Override
    public void processServerExtensions(Hashtable extensions) throws IOException {
        super.processServerExtensions(extensions);
        ProtocolName chosen = context.getSecurityParametersHandshake().getApplicationProtocol();
        if (chosen == null) {
            // RFC 9001 §8.1: both ends must agree on a protocol.
            throw new HandshakeFault(
                    TlsAlert.NO_APPLICATION_PROTOCOL.because("the server chose none of the application protocols "
                            + config.settings().alpn()));
        }
        alpn = chosen.getUtf8Decoding();
        if (!config.settings().alpn().contains(alpn)) {
            throw new HandshakeFault(TlsAlert.ILLEGAL_PARAMETER.because(
                    "the server chose an application protocol that was not offered"));
        }
        boolean early = TlsExtensionsUtils.hasEarlyDataIndication(extensions);
        if (early) {
            psks.onEarlyDataAccepted(context.getSecurityParametersHandshake().getCipherSuite(), alpn);
        }
        sink.onEarlyDataDecided(early);
        sink.onPeerTransportParameters(TlsExtensions.transportParameters(extensions));
    }

    @Override
    public void notifySelectedPSK(@Nullable TlsPSK selected) throws IOException {
        psks.onSelected(selected);
    }

    @Override
    public TlsAuthentication getAuthentication() {
        return this;
    }

    @Override
    public void notifyServerCertificate(TlsServerCertificate message) throws IOException {
        serverChain = X509TlsCertificate.chainOf(message.getCertificate());
        TrustAnchors trust = config.trust();
        if (trust == null) {
            return;
        }
        try {
            new PeerVerifier(
                            trust,
                            PeerRole.SERVER,
                            config.serverName(),
                            config.settings().clock())
                    .verify(serverChain);
        } catch (TransportException e) {
            throw new HandshakeFault(e);
        }
    }

    @Override
    public @Nullable TlsCredentials getClientCredentials(CertificateRequest request) {
        Identity identity = config.identity();
        // RFC 8446 §4.4.2: without a certificate that suits the request, an empty list is sent.
        return identity == null ? null : IdentitySigner.of(identity, request.getSupportedSignatureAlgorithms());
    }

    @Override
    public void notifyHandshakeComplete() {
        sink.onComplete(psks.outcome(alpn, serverChain));
    }
}
