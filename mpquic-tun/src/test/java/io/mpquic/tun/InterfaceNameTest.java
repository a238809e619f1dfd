package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterfaceNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"m", "mpq1", "eth0.100", "wan-a_b", "fifteen-bytes-1", "ünïcödé", "..."})
    void whatLinuxAcceptsIsAccepted(String name) {
        assertEquals(name, new InterfaceName(name).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sixteen-bytes-16", "ünïcödé-ünïcödé", ".", "..", "a/b", "eth0:1", "tun%d", "a b", "a\tb", "a\n"
            })
    void whatLinuxRefusesIsRefusedByName(String name) {
        String message = assertThrows(IllegalArgumentException.class, () -> new InterfaceName(name))
                .getMessage();

        assertTrue(message.contains("\"" + name + "\""), message);
    }

    @Test
    void anEmptyNameIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new InterfaceName(""));
    }
}
