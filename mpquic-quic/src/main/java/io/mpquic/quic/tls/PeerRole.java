package io.mpquic.quic.tls;

/** What a peer uses its certificate as (RFC 5280 §4.2.1.12). */
enum PeerRole {
    SERVER("server", "serverAuth", "1.3.6.1.5.5.7.3.1"),
    CLIENT("client", "clientAuth", "1.3.6.1.5.5.7.3.2");

    private final String text;
    private final String usageName;
    private final String usageOid;

    PeerRole(String text, String usageName, String usageOid) {
        this.text = text;
        this.usageName = usageName;
        this.usageOid = usageOid;
    }

    /** The role in words, for messages. */
    String text() {
        return text;
    }

    /** The extended key usage that fits the role, as openssl names it. */
    String usageName() {
        return usageName;
    }

    /** The object identifier of that usage. */
    String usageOid() {
        return usageOid;
    }
}
