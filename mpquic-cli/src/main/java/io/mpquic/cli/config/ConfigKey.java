package io.mpquic.cli.config;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The keys of a configuration file, each with what to write there. */
enum ConfigKey {
    ROLE("write client or server"),
    BIND_IP("write a local address such as 192.0.2.10 or 0.0.0.0, or an interface such as if:enp7s3"),
    REMOTE_ADDR("write the server's address or DNS name, such as 203.0.113.7, and its port in remote_port"),
    REMOTE_PORT("write a number from 1 to 65535, such as 45001"),
    TUN_NAME("write 1 to 15 letters and digits, such as mpq1"),
    TUN_CIDR("write an address and a prefix length, such as 10.200.1.1/30"),
    LOG_LEVEL("write debug, info or error"),
    CONGESTION("write cubic, newreno or bbr"),
    CRYPTO("write auto, libcrypto or jdk"),
    LINUX_SOCKET("write true or false"),
    UDP_GSO("write true or false"),
    UDP_GRO("write true or false"),
    TUN_OFFLOAD("write true or false"),
    QLOG_DIR("write the path of a directory, such as /var/log/mpquic"),
    TLS_CERT_FILE("write the path of a PEM file, such as /etc/mpquic/tls/server.crt"),
    TLS_KEY_FILE("write the path of a PEM file, such as /etc/mpquic/tls/server.key"),
    TLS_CA_FILE("write the path of a PEM file, such as /etc/mpquic/tls/ca.crt"),
    TLS_SERVER_NAME("write the name in the server's certificate, such as mpquic-server"),
    TLS_INSECURE_SKIP_VERIFY("write true or false"),
    TLS_CLIENT_CA_FILE("write the path of a PEM file, such as /etc/mpquic/tls/client-ca.crt"),
    TLS_KEY_LOG_FILE("write the path of a file in a directory that is there, such as /var/log/mpquic/keys.log");

    private final String yamlName = name().toLowerCase(Locale.ROOT);
    private final String remedy;

    ConfigKey(String remedy) {
        this.remedy = remedy;
    }

    String yamlName() {
        return yamlName;
    }

    /** What to do about a value that is missing or wrong. */
    String remedy() {
        return remedy;
    }

    static Optional<ConfigKey> named(String yamlName) {
        return Stream.of(values()).filter(key -> key.yamlName.equals(yamlName)).findFirst();
    }

    /** The known key that is most like what was written, when one is like it at all. */
    static Optional<String> nearest(String written) {
        String lower = written.toLowerCase(Locale.ROOT).replace('-', '_');
        int tolerated = Math.max(2, written.length() / 3);
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (ConfigKey key : values()) {
            int distance = EditDistance.between(lower, key.yamlName);
            if (distance < bestDistance) {
                best = key.yamlName;
                bestDistance = distance;
            }
        }
        return bestDistance <= tolerated ? Optional.of(best) : Optional.empty();
    }
}
