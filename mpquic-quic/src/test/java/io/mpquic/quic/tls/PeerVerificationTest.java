package io.mpquic.quic.tls;

import static io.mpquic.quic.tls.TestAuthority.NOW;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import io.mpquic.quic.wire.TransportException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which certificates are believed. */
class PeerVerificationTest {
    private static final int BAD_CERTIFICATE = 42;
    private static final int UNSUPPORTED_CERTIFICATE = 43;
    private static final int CERTIFICATE_EXPIRED = 45;
    private static final int UNKNOWN_CA = 48;

    private final TestAuthority authority = new TestAuthority("authority");

    private void verify(Identity server, TrustAnchors anchors, String name) throws TransportException {
        new PeerVerifier(anchors, PeerRole.SERVER, PeerName.of(name), InstantSource.fixed(NOW)).verify(server.chain());
    }

    private void verifyClient(Identity client) throws TransportException {
        new PeerVerifier(authority.anchors(), PeerRole.CLIENT, null, InstantSource.fixed(NOW)).verify(client.chain());
    }

    private void assertRefused(int alert, String words, Identity server, String name) {
        TransportException refusal =
                assertThrows(TransportException.class, () -> verify(server, authority.anchors(), name));
        assertEquals(0x100 + alert, refusal.errorCode(), refusal.reason());
        assertTrue(refusal.reason().contains(words), refusal.reason());
    }

    @ParameterizedTest
    @CsvSource({
        "tunnel.example, tunnel.example",
        "tunnel.example, TUNNEL.Example.",
        "Tunnel.Example, tunnel.example",
        "*.example, tunnel.example",
        "*.wan.example, a.wan.example",
        "192.0.2.1, 192.0.2.1",
        "2001:db8::1, 2001:db8:0:0:0:0:0:1",
        "2001:db8::1, [2001:db8::1]",
        "fe80::1, fe80::1%eth0",
        "xn--bcher-kva.example, bücher.example",
    })
    void namesMatch(String inCertificate, String wanted) {
        assertDoesNotThrow(() -> verify(authority.issue(inCertificate), authority.anchors(), wanted));
    }

    @ParameterizedTest
    @CsvSource({
        "tunnel.example, example",
        "tunnel.example, other.example",
        "*.example, example",
        "*.example, a.b.example",
        "*.example, .example",
        "t*.example, tunnel.example",
        "*, example",
        "tunnel.*, tunnel.example",
        "192.0.2.1, 192.0.2.2",
        "tunnel.example, 192.0.2.1",
        "192.0.2.1, tunnel.example",
    })
    void namesDoNotMatch(String inCertificate, String wanted) {
        if (wanted.startsWith(".")) {
            assertThrows(IllegalArgumentException.class, () -> PeerName.of(wanted));
            return;
        }
        assertRefused(BAD_CERTIFICATE, "not valid for " + wanted, authority.issue(inCertificate), wanted);
    }

    @Test
    void anAddressWrittenAsADnsNameDoesNotCount() {
        Identity server = authority.issue(new TestAuthority.Leaf()
                .extension(
                        org.bouncycastle.asn1.x509.Extension.subjectAlternativeName,
                        false,
                        new org.bouncycastle.asn1.x509.GeneralNames(new org.bouncycastle.asn1.x509.GeneralName(
                                org.bouncycastle.asn1.x509.GeneralName.dNSName, "192.0.2.1"))));
        assertRefused(BAD_CERTIFICATE, "not valid for 192.0.2.1", server, "192.0.2.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a..b", "-a.example", "a b", "300.1.2.3", "::g", "a/b", "*.example"})
    void whatIsNeitherNameNorAddressIsRefusedAtOnce(String text) {
        assertThrows(IllegalArgumentException.class, () -> PeerName.of(text));
    }

    @Test
    void theCommonNameDoesNotCount() {
        Identity server = authority.issue(new TestAuthority.Leaf().commonName("tunnel.example"));
        assertRefused(BAD_CERTIFICATE, "no subject alternative name (SAN)", server, "tunnel.example");
    }

    @Test
    void severalNamesCanBeInOneCertificate() {
        Identity server = authority.issue("a.example", "192.0.2.7", "b.example");
        for (String name : new String[] {"a.example", "b.example", "192.0.2.7"}) {
            assertDoesNotThrow(() -> verify(server, authority.anchors(), name));
        }
    }

    @Test
    void anExpiredCertificateIsRefused() {
        Identity server = authority.issue(new TestAuthority.Leaf()
                .names("a.example")
                .validity(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofDays(2))));
        assertRefused(CERTIFICATE_EXPIRED, "expired at 2026-02-27T12:00:00Z", server, "a.example");
    }

    @Test
    void aCertificateOfTheFutureIsRefused() {
        Instant tomorrow = NOW.plus(Duration.ofDays(1));
        Identity server = authority.issue(
                new TestAuthority.Leaf().names("a.example").validity(tomorrow, tomorrow.plus(Duration.ofDays(1))));
        assertRefused(CERTIFICATE_EXPIRED, "not valid before", server, "a.example");
    }

    @Requirement("9001-4.4-1")
    @Test
    void anUnknownAuthorityIsRefused() {
        assertRefused(UNKNOWN_CA, "not trusted", new TestAuthority("stranger").issue("a.example"), "a.example");
        // Not even when it has the name of one that is trusted.
        assertRefused(UNKNOWN_CA, "not trusted", new TestAuthority("authority").issue("a.example"), "a.example");
    }

    @Test
    void intermediatesOfThePeersChainAreUsed() {
        Identity server = authority.intermediate("one").intermediate("two").issue("a.example");
        assertEquals(3, server.chain().size());
        assertDoesNotThrow(() -> verify(server, authority.anchors(), "a.example"));
        Identity alone = Identity.of(server.chain().subList(0, 1), server.privateKey());
        assertRefused(UNKNOWN_CA, "not trusted", alone, "a.example");
    }

    @Test
    void anIntermediateCanBeTheAnchor() {
        TestAuthority intermediate = authority.intermediate("one");
        assertDoesNotThrow(() -> verify(intermediate.issue("a.example"), intermediate.anchors(), "a.example"));
    }

    @Test
    void anExpiredIntermediateIsRefused() {
        Identity server = authority
                .intermediate(
                        "one",
                        new TestAuthority.Leaf().validity(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofDays(2))))
                .issue("a.example");
        assertRefused(CERTIFICATE_EXPIRED, "an issuer of the server's certificate", server, "a.example");
    }

    @Test
    void aLeafCannotIssueCertificates() {
        Identity leaf = authority.issue("leaf.example");
        // Signed by a key that a trusted authority has certified, but not as an authority.
        TestAuthority.Leaf forged = new TestAuthority.Leaf().names("a.example");
        Identity server = TestAuthority.issueWith(leaf, forged);
        TransportException refusal =
                assertThrows(TransportException.class, () -> verify(server, authority.anchors(), "a.example"));
        assertTrue(refusal.errorCode() == 0x100 + BAD_CERTIFICATE || refusal.errorCode() == 0x100 + UNKNOWN_CA);
    }

    @Test
    void aSelfSignedCertificateIsItsOwnAuthority() {
        Identity server = Identity.selfSigned("a.example", "192.0.2.1");
        InstantSource now = InstantSource.system();
        TrustAnchors anchors = TrustAnchors.of(server.chain().get(0));
        for (PeerRole role : PeerRole.values()) {
            assertDoesNotThrow(() -> new PeerVerifier(anchors, role, null, now).verify(server.chain()));
        }
        assertDoesNotThrow(
                () -> new PeerVerifier(anchors, PeerRole.SERVER, PeerName.of("192.0.2.1"), now).verify(server.chain()));
        // It must still be valid, and name the server.
        InstantSource inElevenYears = () -> Instant.now().plus(Duration.ofDays(4000));
        assertThrows(
                TransportException.class,
                () -> new PeerVerifier(anchors, PeerRole.SERVER, null, inElevenYears).verify(server.chain()));
        assertThrows(
                TransportException.class,
                () -> new PeerVerifier(anchors, PeerRole.SERVER, PeerName.of("b.example"), now).verify(server.chain()));
    }

    @Test
    void aSelfSignedCertificateThatIsNotTrustedIsRefused() {
        TransportException refusal = assertThrows(
                TransportException.class,
                () -> new PeerVerifier(authority.anchors(), PeerRole.SERVER, null, InstantSource.system())
                        .verify(Identity.selfSigned("a.example").chain()));
        assertEquals(0x100 + UNKNOWN_CA, refusal.errorCode());
    }

    @Test
    void theExtendedKeyUsageMustFitTheRole() {
        Identity forServers =
                authority.issue(new TestAuthority.Leaf().names("a.example").usage(KeyPurposeId.id_kp_serverAuth));
        Identity forClients =
                authority.issue(new TestAuthority.Leaf().names("a.example").usage(KeyPurposeId.id_kp_clientAuth));
        Identity forAll =
                authority.issue(new TestAuthority.Leaf().names("a.example").usage(KeyPurposeId.anyExtendedKeyUsage));
        assertDoesNotThrow(() -> verify(forServers, authority.anchors(), "a.example"));
        assertDoesNotThrow(() -> verifyClient(forClients));
        assertDoesNotThrow(() -> verify(forAll, authority.anchors(), "a.example"));
        assertDoesNotThrow(() -> verifyClient(forAll));
        assertRefused(UNSUPPORTED_CERTIFICATE, "not for serverAuth", forClients, "a.example");
        TransportException refusal = assertThrows(TransportException.class, () -> verifyClient(forServers));
        assertEquals(0x100 + UNSUPPORTED_CERTIFICATE, refusal.errorCode());
        assertTrue(refusal.reason().contains("not for clientAuth"), refusal.reason());
    }

    @Test
    void theKeyMustBeAllowedToSign() {
        Identity server =
                authority.issue(new TestAuthority.Leaf().names("a.example").keyUsage(KeyUsage.keyEncipherment));
        assertRefused(UNSUPPORTED_CERTIFICATE, "does not allow digital signatures", server, "a.example");
    }

    @Test
    void aCriticalExtensionThatNobodyKnowsIsRefused() {
        Identity server = authority.issue(new TestAuthority.Leaf()
                .names("a.example")
                .extension(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.2"), true, new DEROctetString(new byte[1])));
        assertRefused(BAD_CERTIFICATE, "not acceptable", server, "a.example");
    }

    @Test
    void aClientNeedsNoName() {
        assertDoesNotThrow(() -> verifyClient(authority.issue(new TestAuthority.Leaf())));
    }

    @Requirement({"9000-7-1", "9001-4.4-1"})
    @Test
    void aServerOfTheWrongNameFailsTheHandshake() {
        HandshakePair pair = new HandshakePair(
                        HandshakeTest.client().serverName("other.example").build(),
                        HandshakeTest.server().build())
                .run();
        assertNotNull(pair.client.failure);
        assertEquals(0x100 + BAD_CERTIFICATE, pair.client.failure.errorCode());
        assertTrue(pair.client.failure.reason().contains("only for [tunnel.example]"), pair.client.failure.reason());
    }

    @Test
    void aServerIsFoundByItsAddressWithoutSendingIt() {
        Identity server = HandshakeTest.AUTHORITY.issue("192.0.2.1");
        HandshakePair pair = new HandshakePair(
                        HandshakeTest.client().serverName("192.0.2.1").build(),
                        HandshakeTest.server().identity(server).build())
                .over((fromClient, level, data) -> {
                    if (fromClient && data[0] == Messages.CLIENT_HELLO) {
                        Messages.edit(
                                data,
                                Messages.CLIENT_HELLO,
                                extensions -> assertTrue(
                                        extensions.stream().noneMatch(extension -> extension.type() == 0),
                                        "no server_name"));
                    }
                    return data;
                })
                .run();
        HandshakeTest.assertComplete(pair);
    }

    @Test
    void aServersNameIsSent() {
        boolean[] seen = new boolean[1];
        new HandshakePair(HandshakeTest.client().build(), HandshakeTest.server().build())
                .over((fromClient, level, data) -> {
                    if (fromClient && data[0] == Messages.CLIENT_HELLO) {
                        Messages.edit(
                                data,
                                Messages.CLIENT_HELLO,
                                extensions -> seen[0] = extensions.stream()
                                        .anyMatch(extension -> extension.type() == 0
                                                && new String(
                                                                extension.content(),
                                                                java.nio.charset.StandardCharsets.ISO_8859_1)
                                                        .endsWith("tunnel.example")));
                    }
                    return data;
                })
                .run();
        assertTrue(seen[0]);
    }

    /** Each of them could have issued each other: to try all paths takes long, and meanwhile no packet moves. */
    @Test
    void aChainThatIsLongerThanAnyHonestOneIsRefusedUnseen() {
        List<X509Certificate> chain = TestAuthority.entangled(PeerVerifier.LONGEST_CHAIN);
        TransportException refusal =
                assertThrows(TransportException.class, () -> verifier().verify(chain));
        assertEquals(0x100 + BAD_CERTIFICATE, refusal.errorCode(), refusal.reason());
        assertTrue(refusal.reason().contains("11 certificates"), refusal.reason());
        TransportException unknown = assertThrows(
                TransportException.class, () -> verifier().verify(chain.subList(0, PeerVerifier.LONGEST_CHAIN)));
        assertEquals(0x100 + UNKNOWN_CA, unknown.errorCode(), unknown.reason());
    }

    private PeerVerifier verifier() {
        return new PeerVerifier(authority.anchors(), PeerRole.CLIENT, null, InstantSource.fixed(NOW));
    }
}
