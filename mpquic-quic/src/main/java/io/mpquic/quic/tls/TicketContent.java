package io.mpquic.quic.tls;

import io.mpquic.quic.crypto.CipherSuite;
import io.mpquic.quic.wire.RememberedParameters;
import io.mpquic.quic.wire.TransportException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server writes into a ticket for itself.
 *
 * @param suite the cipher suite of the connection that the ticket was given on
 * @param psk the secret of the session
 * @param authenticated when the client last showed its certificate: resumption does not put that off
 * @param alpn the application protocol
 * @param serverName the server's name that the client asked for; empty for none
 * @param serverFingerprint of the certificate that the server showed
 * @param clientChain the client's certificates, its own first; empty when none was asked for
 * @param early what early data are held against; null when the ticket permits none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TicketContent(
        CipherSuite suite,
        byte[] psk,
        Instant authenticated,
        String alpn,
        String serverName,
        byte[] serverFingerprint,
        List<X509Certificate> clientChain,
        @Nullable EarlyTerms early) {
    private static final int FORMAT = 2;
    /** A ticket is sent in a ClientHello, which has to stay below 16 KiB, and it costs packets of the first flight. */
    private static final int MAX_BYTES = 6 * 1024;

    /** The bytes; null when the client's certificates are too many for a ticket. */
    byte @Nullable [] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeShort(suite.id());
            writeBytes(out, psk);
            out.writeLong(authenticated.getEpochSecond());
            out.writeUTF(alpn);
            out.writeUTF(serverName);
            writeBytes(out, serverFingerprint);
            out.writeByte(clientChain.size());
            for (X509Certificate certificate : clientChain) {
                writeBytes(out, certificate.getEncoded());
            }
            out.writeBoolean(early != null);
            if (early != null) {
                out.writeLong(early.serial());
                out.writeInt(early.ageMask());
                out.writeLong(early.issued().toEpochMilli());
                writeBytes(out, early.parameters().encode());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            return null;
        }
        return bytes.size() > MAX_BYTES ? null : bytes.toByteArray();
    }

    /** The content of these bytes; null when they are of another format. */
    static @Nullable TicketContent decode(byte[] encoded) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
            if (in.readUnsignedByte() != FORMAT) {
                return null;
            }
            CipherSuite suite = CipherSuite.ofId(in.readUnsignedShort());
            byte[] psk = readBytes(in);
            Instant authenticated = Instant.ofEpochSecond(in.readLong());
            String alpn = in.readUTF();
            String serverName = in.readUTF();
            byte[] serverFingerprint = readBytes(in);
            List<X509Certificate> chain = new ArrayList<>();
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (int left = in.readUnsignedByte(); left > 0; left--) {
                chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(readBytes(in))));
            }
            EarlyTerms early = in.readBoolean() ? readEarly(in) : null;
            return suite == null
                    ? null
                    : new TicketContent(suite, psk, authenticated, alpn, serverName, serverFingerprint, chain, early);
        } catch (IOException | GeneralSecurityException | TransportException | RuntimeException e) {
            return null;
        }
    }

    private static EarlyTerms readEarly(DataInputStream in) throws IOException, TransportException {
        return new EarlyTerms(
                in.readLong(),
                in.readInt(),
                Instant.ofEpochMilli(in.readLong()),
                RememberedParameters.parse(readBytes(in)));
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        return bytes;
    }

    @Override
    public String toString() {
        return "TicketContent";
    }
}
