package io.mpquic.quic.tls;

import io.mpquic.quic.wire.TransportException;
import java.net.IDN;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name that a server's certificate must be valid for (RFC 9525 §6): either a DNS name or an IP address. Nothing is
 * ever looked up.
 */
final class PeerName {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;

    private final @Nullable String dnsName;
    private final @Nullable InetAddress address;

    private PeerName(@Nullable String dnsName, @Nullable InetAddress address) {
        this.dnsName = dnsName;
        this.address = address;
    }

    /**
     * Parses a name or an address; an IPv6 address may stand in brackets and have a zone.
     *
     * @throws IllegalArgumentException when it is neither
     */
    static PeerName of(String hostOrAddress) {
        InetAddress address = addressOf(hostOrAddress);
        return address != null ? new PeerName(null, address) : new PeerName(normalDnsName(hostOrAddress), null);
    }

    /** The address that a text is the literal form of, or null when it is not one. */
    static @Nullable InetAddress addressOf(String text) {
        String literal = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        int zone = literal.indexOf('%');
        if (zone >= 0 && literal.indexOf(':') >= 0) {
            literal = literal.substring(0, zone); // a zone means something on this machine only
        }
        if (literal.indexOf(':') < 0 && !IPV4.matcher(literal).matches()) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not an IP address: " + text, e);
        }
    }

    /** A DNS name in lower case, without a final dot, in its ASCII form. */
    static String normalDnsName(String name) {
        String ascii = (isAscii(name) ? name : toAscii(name)).toLowerCase(Locale.ROOT);
        String normal = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
        for (String label : normal.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches() || normal.length() > 253) {
                throw new IllegalArgumentException("neither a DNS name nor an IP address: \"" + name + "\"");
            }
        }
        return normal;
    }

    private static boolean isAscii(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) > 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** The form that DNS uses. It needs the tables of Unicode, so ordinary names are kept away from it. */
    private static String toAscii(String name) {
        try {
            return IDN.toASCII(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a DNS name: " + name, e);
        }
    }

    /** The DNS name, or null when this is an address. */
    @Nullable String dnsName() {
        return dnsName;
    }

    /** Refuses a certificate that is not valid for this name. */
    void check(X509Certificate leaf) throws TransportException {
        Collection<List<?>> names;
        try {
            names = leaf.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            throw TlsAlert.BAD_CERTIFICATE.because("the certificate's alternative names cannot be parsed: " + e);
        }
        if (names == null) {
            // RFC 9525 §6.2: the common name of the subject is no substitute.
            throw TlsAlert.BAD_CERTIFICATE.because("the server's certificate has no subject alternative name (SAN); "
                    + "it needs one for " + this + ", its common name does not count");
        }
        List<String> seen = new ArrayList<>();
        for (List<?> entry : names) {
            int kind = (Integer) entry.get(0);
            if ((kind == SAN_DNS || kind == SAN_IP) && entry.get(1) instanceof String value) {
                if (kind == SAN_DNS ? matchesDns(value) : matchesAddress(value)) {
                    return;
                }
                seen.add(value);
            }
        }
        throw TlsAlert.BAD_CERTIFICATE.because(
                "the server's certificate is not valid for " + this + ", only for " + seen);
    }

    private boolean matchesDns(String pattern) {
        if (dnsName == null) {
            return false;
        }
        String wanted = pattern.toLowerCase(Locale.ROOT);
        if (!wanted.startsWith("*.")) {
            return wanted.equals(dnsName);
        }
        // RFC 9525 §6.3: a wildcard stands for exactly one label, the left-most, and for all of it.
        int firstDot = dnsName.indexOf('.');
        return firstDot > 0 && wanted.substring(1).equals(dnsName.substring(firstDot));
    }

    private boolean matchesAddress(String literal) {
        if (address == null) {
            return false;
        }
        try {
            return address.equals(InetAddress.ofLiteral(literal));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return address != null ? address.getHostAddress() : String.valueOf(dnsName);
    }
}
