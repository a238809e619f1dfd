package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.conformance.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransportParametersTest {
    /** initial_source_connection_id, which nobody may leave out. */
    private static final String SCID = "0f 02 0102";
    /** original_destination_connection_id, which no server may leave out. */
    private static final String ODCID = "00 01 aa";

    private static final String TOKEN = "000102030405060708090a0b0c0d0e0f";
    private static final String NO_ADDRESS_4 = "00000000 0000";
    private static final String NO_ADDRESS_6 = "00000000000000000000000000000000 0000";

    @Test
    void whatIsAbsentHasItsDefault() throws TransportException {
        TransportParameters parameters = fromClient(SCID);
        assertEquals(0, parameters.maxIdleTimeoutMs());
        assertEquals(65_527, parameters.maxUdpPayloadSize());
        assertEquals(0, parameters.initialMaxData());
        assertEquals(3, parameters.ackDelayExponent());
        assertEquals(25, parameters.maxAckDelayMs());
        assertEquals(2, parameters.activeConnectionIdLimit());
        assertEquals(0, parameters.maxDatagramFrameSize());
        assertFalse(parameters.disableActiveMigration());
        assertNull(parameters.preferredAddress());
        assertNull(parameters.statelessResetToken());
    }

    @Test
    void everyParameterHasItsNumber() throws TransportException {
        TransportParameters parameters = fromServer(SCID + ODCID + "01 01 01  02 10" + TOKEN
                + "03 02 44b0  04 01 04  05 01 05  06 01 06  07 01 07  08 01 08  09 01 09  0a 01 0a  0b 01 0b  0c 00"
                + "0e 01 0e  10 01 bb  20 04 8000ffff");
        assertEquals("0102", String.valueOf(parameters.initialSourceConnectionId()));
        assertEquals("aa", String.valueOf(parameters.originalDestinationConnectionId()));
        assertEquals(1, parameters.maxIdleTimeoutMs());
        assertEquals(StatelessResetToken.of(Wire.hex(TOKEN)), parameters.statelessResetToken());
        assertEquals(1200, parameters.maxUdpPayloadSize());
        assertEquals(4, parameters.initialMaxData());
        assertEquals(5, parameters.initialMaxStreamDataBidiLocal());
        assertEquals(6, parameters.initialMaxStreamDataBidiRemote());
        assertEquals(7, parameters.initialMaxStreamDataUni());
        assertEquals(8, parameters.initialMaxStreamsBidi());
        assertEquals(9, parameters.initialMaxStreamsUni());
        assertEquals(10, parameters.ackDelayExponent());
        assertEquals(11, parameters.maxAckDelayMs());
        assertTrue(parameters.disableActiveMigration());
        assertEquals(14, parameters.activeConnectionIdLimit());
        assertEquals("bb", String.valueOf(parameters.retrySourceConnectionId()));
        assertEquals(65_535, parameters.maxDatagramFrameSize());
    }

    @Test
    void unknownParametersAreIgnored() throws TransportException {
        // 27 and 58 are reserved for exercise, 0x2ab3 is of nobody yet.
        assertEquals(fromClient(SCID), fromClient("1b 03 ffffff" + SCID + "3a 00  6ab3 00"));
    }

    // RFC 9287 §3: it is there or not, and has no value.
    @Test
    void theQuicBitMayVaryWhereTheParameterIsThere() throws TransportException {
        assertTrue(fromClient(SCID + "6ab2 00").greaseQuicBit());
        assertFalse(fromClient(SCID).greaseQuicBit());
        assertRefused(SCID + "6ab2 01 00", false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"01 01 05 01 01 05", "0c 00 0c 00", "1b 00 1b 01 00", SCID})
    void aParameterThatIsGivenTwiceIsRefused(String twice) {
        assertRefused(SCID + twice, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {ODCID, "02 10" + TOKEN, "0d 2a" + NO_ADDRESS_4 + NO_ADDRESS_6 + "01 aa" + TOKEN, "10 01 bb"})
    void whatOnlyAServerCanKnowIsRefusedFromAClient(String serverOnly) throws TransportException {
        String needed = serverOnly.equals(ODCID) ? "" : ODCID;
        assertNotNull(fromServer(SCID + needed + serverOnly));
        assertRefused(SCID + serverOnly, false);
    }

    @Test
    void aPeerHasToConfirmTheConnectionIdsOfTheHandshake() {
        assertRefused("", false);
        assertRefused(SCID, true);
        assertRefused(ODCID, true);
    }

    @ParameterizedTest
    @CsvSource({
        "03, 44af", // max_udp_payload_size 1199
        "08, d000000000000001", // initial_max_streams_bidi 2^60 + 1
        "09, d000000000000001",
        "0a, 15", // ack_delay_exponent 21
        "0b, 80004000", // max_ack_delay 2^14
        "0e, 01", // active_connection_id_limit 1
        "0e, 00"
    })
    void anIntegerOutOfItsRangeIsRefused(String id, String value) {
        assertRefused(SCID + parameter(id, value), false);
    }

    @ParameterizedTest
    @CsvSource({
        "03, 44b0",
        "08, d000000000000000",
        "09, d000000000000000",
        "0a, 14",
        "0b, 7fff",
        "0e, 02",
        "03, ffffffffffffffff"
    })
    void anIntegerAtTheEndOfItsRangeIsAccepted(String id, String value) throws TransportException {
        assertNotNull(fromClient(SCID + parameter(id, value)));
    }

    @ParameterizedTest
    @CsvSource({"01, 0505", "01, 40", "01, ''", "0c, 00", "20, 0000", "0f, 000000000000000000000000000000000000000000"})
    void aValueOfAnotherLengthThanItsTypeIsRefused(String id, String value) {
        assertRefused((id.equals("0f") ? "" : SCID) + parameter(id, value), false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"000102030405060708090a0b0c0d0e", "000102030405060708090a0b0c0d0e0f10"})
    void aStatelessResetTokenHas16Bytes(String token) {
        assertRefused(SCID + ODCID + parameter("02", token), true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"01", "01 02 05", "40", "c0000000"})
    void aSequenceThatIsCutShortIsRefused(String cutShort) {
        assertRefused(SCID + cutShort, false);
    }

    @Test
    void aPreferredAddressIsParsed() throws TransportException {
        PreferredAddress address = fromServer(SCID
                        + ODCID
                        + parameter(
                                "0d",
                                "c0000201 1151 20010db8000000000000000000000001 01bb 02 abcd".replace(" ", "") + TOKEN))
                .preferredAddress();
        assertNotNull(address);
        assertEquals("192.0.2.1", address.ipv4().getAddress().getHostAddress());
        assertEquals(4433, address.ipv4().getPort());
        assertEquals("2001:db8:0:0:0:0:0:1", address.ipv6().getAddress().getHostAddress());
        assertEquals(443, address.ipv6().getPort());
        assertEquals("abcd", address.id().toString());
    }

    @Test
    void aFamilyOfZerosIsNoPreferredAddress() throws TransportException {
        PreferredAddress address = fromServer(SCID
                        + ODCID
                        + parameter("0d", (NO_ADDRESS_4 + NO_ADDRESS_6 + "01 aa" + TOKEN).replace(" ", "")))
                .preferredAddress();
        assertNotNull(address);
        assertNull(address.ipv4());
        assertNull(address.ipv6());
    }

    @Test
    void anIpv4AddressInsideAnIpv6OneStaysIpv6() throws TransportException {
        String mapped = "00000000000000000000ffffc0000201 0050";
        byte[] encoded =
                Wire.hex(SCID + ODCID + parameter("0d", (NO_ADDRESS_4 + mapped + "01 aa" + TOKEN).replace(" ", "")));
        TransportParameters parameters = TransportParameters.parse(encoded, true);
        assertEquals(parameters, TransportParameters.parse(parameters.encode(), true));
    }

    @Requirement("9000-18.2-4")
    @Test
    void aPreferredAddressNeedsAConnectionId() {
        String empty = (NO_ADDRESS_4 + NO_ADDRESS_6 + "00" + TOKEN).replace(" ", "");
        assertRefused(SCID + ODCID + parameter("0d", empty), true);
        String tooLong = (NO_ADDRESS_4 + NO_ADDRESS_6 + "15" + "aa".repeat(21) + TOKEN).replace(" ", "");
        assertRefused(SCID + ODCID + parameter("0d", tooLong), true);
    }

    @Requirement("9000-18.2-3")
    @Test
    void aServerWithEmptyConnectionIdsCannotHaveAPreferredAddress() {
        String address = (NO_ADDRESS_4 + NO_ADDRESS_6 + "01 aa" + TOKEN).replace(" ", "");
        assertRefused("0f 00" + ODCID + parameter("0d", address), true);
    }

    @Test
    void defaultsAreNotSent() {
        TransportParameters parameters = TransportParameters.builder()
                .initialSourceConnectionId(new ConnectionId(Wire.hex("0102")))
                .maxAckDelayMs(25)
                .maxDatagramFrameSize(65_535)
                .build();
        assertArrayEquals(Wire.hex(SCID + "20 04 8000ffff"), parameters.encode());
    }

    @Test
    void anInvalidValueCannotBeConstructed() {
        assertThrows(
                IllegalArgumentException.class,
                () -> TransportParameters.builder().maxUdpPayloadSize(1199).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> TransportParameters.builder().ackDelayExponent(21).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> TransportParameters.builder().initialMaxData(-1).build());
    }

    private static String parameter(String id, String value) {
        return id + String.format("%02x", value.length() / 2) + value;
    }

    private static TransportParameters fromClient(String digits) throws TransportException {
        return TransportParameters.parse(Wire.hex(digits), false);
    }

    private static TransportParameters fromServer(String digits) throws TransportException {
        return TransportParameters.parse(Wire.hex(digits), true);
    }

    private static void assertRefused(String digits, boolean fromServer) {
        TransportException fault =
                assertThrows(TransportException.class, () -> TransportParameters.parse(Wire.hex(digits), fromServer));
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, fault.errorCode());
    }
}
