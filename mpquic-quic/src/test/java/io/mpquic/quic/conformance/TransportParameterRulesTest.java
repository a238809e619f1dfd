package io.mpquic.quic.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.quic.wire.ConnectionId;
import io.mpquic.quic.wire.TransportError;
import io.mpquic.quic.wire.TransportException;
import io.mpquic.quic.wire.TransportParameters;
import io.mpquic.quic.wire.WireReader;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §7.3, §7.4, §18.2: whatever is wrong with transport parameters ends the handshake with one error code. */
class TransportParameterRulesTest {
    private static final byte[] PREFERRED_ADDRESS =
            RawBytes.join(new byte[4 + 2 + 16 + 2], new byte[] {4, 1, 2, 3, 4}, new byte[16]);

    @Requirement("9000-18.2-9")
    @Test
    void aClientMustNotSendOriginalDestinationConnectionId() {
        assertRefused(true, parameters -> parameters.add(RawParameters.ORIGINAL_DESTINATION, new byte[8]));
    }

    @Requirement("9000-18.2-9")
    @Test
    void aClientMustNotSendAStatelessResetToken() {
        assertRefused(true, parameters -> parameters.add(RawParameters.STATELESS_RESET_TOKEN, new byte[16]));
    }

    @Requirement("9000-18.2-9")
    @Test
    void aClientMustNotSendAPreferredAddress() {
        assertRefused(true, parameters -> parameters.add(RawParameters.PREFERRED_ADDRESS, PREFERRED_ADDRESS));
    }

    @Requirement("9000-18.2-9")
    @Test
    void aClientMustNotSendRetrySourceConnectionId() {
        assertRefused(true, parameters -> parameters.add(RawParameters.RETRY_SOURCE, new byte[8]));
    }

    @Requirement("9000-7.4-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMaxUdpPayloadSizeBelow1200IsRefused(boolean peerIsClient) {
        assertRefused(peerIsClient, parameters -> parameters.setInteger(RawParameters.MAX_UDP_PAYLOAD_SIZE, 1199));
        assertAccepted(peerIsClient, parameters -> parameters.setInteger(RawParameters.MAX_UDP_PAYLOAD_SIZE, 1200));
    }

    @Requirement("9000-7.4-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAckDelayExponentAbove20IsRefused(boolean peerIsClient) {
        assertRefused(peerIsClient, parameters -> parameters.setInteger(RawParameters.ACK_DELAY_EXPONENT, 21));
        assertAccepted(peerIsClient, parameters -> parameters.setInteger(RawParameters.ACK_DELAY_EXPONENT, 20));
    }

    @Requirement("9000-7.4-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMaxAckDelayOf2To14OrMoreIsRefused(boolean peerIsClient) {
        assertRefused(peerIsClient, parameters -> parameters.setInteger(RawParameters.MAX_ACK_DELAY, 1 << 14));
        assertAccepted(peerIsClient, parameters -> parameters.setInteger(RawParameters.MAX_ACK_DELAY, (1 << 14) - 1));
    }

    @Requirement("9000-18.2-7")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anActiveConnectionIdLimitBelow2IsRefused(boolean peerIsClient) {
        assertRefused(peerIsClient, parameters -> parameters.setInteger(RawParameters.ACTIVE_CONNECTION_ID_LIMIT, 1));
        assertAccepted(peerIsClient, parameters -> parameters.setInteger(RawParameters.ACTIVE_CONNECTION_ID_LIMIT, 2));
    }

    @Requirement("9000-4.6-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamLimitAbove2To60IsRefused(boolean peerIsClient) {
        long tooMany = (1L << 60) + 1;
        assertRefused(peerIsClient, parameters -> parameters.setInteger(RawParameters.MAX_STREAMS_BIDI, tooMany));
        assertRefused(peerIsClient, parameters -> parameters.setInteger(RawParameters.MAX_STREAMS_UNI, tooMany));
    }

    @Requirement("9000-7.3-3")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMissingInitialSourceConnectionIdIsRefused(boolean peerIsClient) {
        assertRefused(peerIsClient, parameters -> parameters.remove(RawParameters.INITIAL_SOURCE));
    }

    @Requirement({"9000-7.3-2", "9000-7.3-4"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anInitialSourceConnectionIdOtherThanThatOfThePacketsIsRefused(boolean peerIsClient) {
        assertRefused(peerIsClient, parameters -> parameters.set(RawParameters.INITIAL_SOURCE, new byte[8]));
        assertRefused(peerIsClient, parameters -> parameters.set(RawParameters.INITIAL_SOURCE));
        assertRefused(peerIsClient, parameters -> parameters.set(RawParameters.INITIAL_SOURCE, new byte[21]));
    }

    @Requirement("9000-7.4-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aParameterGivenTwiceIsRefused(boolean peerIsClient) {
        assertRefused(
                peerIsClient, parameters -> parameters.add(RawParameters.MAX_IDLE_TIMEOUT, RawBytes.varInt(60_000)));
    }

    @Requirement("9000-7.4-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aParameterOfTheWrongLengthIsRefused(boolean peerIsClient) {
        assertRefused(
                peerIsClient, parameters -> parameters.set(RawParameters.MAX_IDLE_TIMEOUT, RawBytes.hex("4100 00")));
        assertRefused(peerIsClient, parameters -> parameters.set(RawParameters.MAX_IDLE_TIMEOUT));
        assertRefused(peerIsClient, parameters -> parameters.set(RawParameters.DISABLE_ACTIVE_MIGRATION, (byte) 1));
    }

    @Requirement("9000-7.4.2-1")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unknownAndReservedParametersAreIgnored(boolean peerIsClient) {
        assertAccepted(
                peerIsClient,
                parameters -> parameters.add(31 * 7 + 27, new byte[100]).add(0x3fff_ffff_ffff_ffffL));
    }

    @Requirement({"9000-7.3-2", "9000-7.3-3"})
    @Test
    void aServerMustSendTheOriginalDestinationConnectionIdItSaw() {
        assertRefused(false, parameters -> parameters.remove(RawParameters.ORIGINAL_DESTINATION));
        assertRefused(false, parameters -> parameters.set(RawParameters.ORIGINAL_DESTINATION, new byte[8]));
    }

    @Requirement("9000-7.3-4")
    @Test
    void aServerThatSentNoRetryMustNotSendRetrySourceConnectionId() {
        assertRefused(false, parameters -> parameters.add(RawParameters.RETRY_SOURCE, new byte[8]));
    }

    @Test
    void aStatelessResetTokenOfOtherThan16BytesIsRefused() {
        assertRefused(false, parameters -> parameters.set(RawParameters.STATELESS_RESET_TOKEN, new byte[15]));
        assertRefused(false, parameters -> parameters.set(RawParameters.STATELESS_RESET_TOKEN, new byte[17]));
    }

    @Test
    void aPreferredAddressIsAccepted() {
        assertAccepted(false, parameters -> parameters.add(RawParameters.PREFERRED_ADDRESS, PREFERRED_ADDRESS));
    }

    @Requirement("9000-18.2-5")
    @Test
    void aPreferredAddressOfAServerWithEmptyConnectionIdsIsRefused() {
        RawPeer peer = RawPeer.of(false);
        peer.source = ConnectionId.EMPTY;
        peer.parameters = plain -> plain.add(RawParameters.PREFERRED_ADDRESS, PREFERRED_ADDRESS);
        peer.tryHandshake();
        peer.assertClosedWith(TransportError.TRANSPORT_PARAMETER_ERROR);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEmptyConnectionIdOfThePeerIsFine(boolean peerIsClient) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.source = ConnectionId.EMPTY;
        peer.handshake().assertAlive();
    }

    @Requirement({"9000-7.3-1", "9000-7.4-2", "9000-18.2-6", "9001-8.2-1"})
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ourOwnParametersObeyTheRules(boolean peerIsClient) throws TransportException {
        RawPeer peer = RawPeer.connected(peerIsClient);
        TransportParameters ours = TransportParameters.parse(peer.peerParameters, peerIsClient);
        assertEquals(0, ours.initialMaxStreamsBidi());
        assertEquals(0, ours.initialMaxStreamsUni());
        assertEquals(65_535, ours.maxDatagramFrameSize());
        assertTrue(ours.activeConnectionIdLimit() >= 2);
        if (peerIsClient) {
            assertEquals(peer.originalDestination, ours.originalDestinationConnectionId());
        }
    }

    /** RFC 9000 §10.1: the parameter has 62 bits, and a peer may use them all to say "practically never". */
    @ParameterizedTest
    @ValueSource(longs = {18_446_744_073_710L, 1L << 50, (1L << 62) - 1})
    void aHugeIdleTimeoutIsAnIdleTimeoutThatNeverComes(long timeoutMs) {
        RawPeer peer = RawPeer.of(true);
        peer.parameters = plain -> plain.setInteger(RawParameters.MAX_IDLE_TIMEOUT, timeoutMs);
        peer.handshake();
        peer.advanceMs(50_000).assertAlive();
    }

    private static void assertRefused(boolean peerIsClient, UnaryOperator<RawParameters> parameters) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.parameters = parameters;
        peer.tryHandshake();
        peer.assertClosedWith(TransportError.TRANSPORT_PARAMETER_ERROR);
    }

    private static void assertAccepted(boolean peerIsClient, UnaryOperator<RawParameters> parameters) {
        RawPeer peer = RawPeer.of(peerIsClient);
        peer.parameters = parameters;
        peer.handshake().assertAlive();
    }

    @Requirement("9000-18.2-5")
    @Test
    void aPreferredAddressWithAnEmptyConnectionIdIsRefused() {
        byte[] address = RawBytes.join(new byte[4 + 2 + 16 + 2], new byte[] {0}, new byte[16]);
        assertRefused(false, parameters -> parameters.add(RawParameters.PREFERRED_ADDRESS, address));
    }

    @Requirement({"9000-18.2-1", "9000-18.2-8"})
    @Test
    void aClientSendsNothingThatOnlyAServerKnows() throws TransportException {
        RawPeer peer = RawPeer.connected(false);
        WireReader reader = WireReader.of(peer.peerParameters);
        Set<Long> ids = new HashSet<>();
        while (reader.remaining() > 0) {
            ids.add(reader.readVarInt());
            reader.skip((int) reader.readVarInt());
        }
        for (int id : new int[] {
            RawParameters.ORIGINAL_DESTINATION,
            RawParameters.STATELESS_RESET_TOKEN,
            RawParameters.PREFERRED_ADDRESS,
            RawParameters.RETRY_SOURCE
        }) {
            assertFalse(ids.contains((long) id), "parameter " + id);
        }
        assertTrue(ids.contains((long) RawParameters.INITIAL_SOURCE));
    }
}
