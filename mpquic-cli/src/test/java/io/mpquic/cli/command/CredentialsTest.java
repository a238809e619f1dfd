package io.mpquic.cli.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mpquic.quic.tls.Identity;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CredentialsTest {

    @Test
    void theResetKeyFollowsFromThePrivateKeyAlone() {
        Identity identity = Identity.selfSigned("a.example");
        byte[] key = Credentials.statelessResetKey(identity);
        assertEquals(32, key.length);
        assertArrayEquals(key, Credentials.statelessResetKey(Identity.of(identity.chain(), identity.privateKey())));
        assertFalse(Arrays.equals(key, Credentials.statelessResetKey(Identity.selfSigned("a.example"))));
    }
}
