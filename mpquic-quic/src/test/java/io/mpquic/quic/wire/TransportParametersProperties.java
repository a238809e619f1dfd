package io.mpquic.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Builders;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TransportParametersProperties {
    @Provide
    Arbitrary<TransportParameters> ofServers() {
        return common().use(FrameArbitraries.connectionIds(0))
                .in(TransportParameters.Builder::originalDestinationConnectionId)
                .use(FrameArbitraries.connectionIds(0).injectNull(0.5))
                .in(TransportParameters.Builder::retrySourceConnectionId)
                .use(FrameArbitraries.tokens().injectNull(0.5))
                .in(TransportParameters.Builder::statelessResetToken)
                .use(preferredAddresses().injectNull(0.5))
                .in(TransportParameters.Builder::preferredAddress)
                .build(TransportParameters.Builder::build);
    }

    @Provide
    Arbitrary<TransportParameters> ofClients() {
        return common().build(TransportParameters.Builder::build);
    }

    @Provide
    Arbitrary<byte[]> anything() {
        return FrameArbitraries.bytes(0, 300);
    }

    @Provide
    Arbitrary<byte[]> almostParameters() {
        return FrameArbitraries.mutated(ofServers().map(TransportParameters::encode));
    }

    @Property
    void theParametersOfAServerSurviveEncodingAndDecoding(@ForAll("ofServers") TransportParameters parameters)
            throws TransportException {
        assertEquals(parameters, TransportParameters.parse(parameters.encode(), true));
    }

    @Property
    void theParametersOfAClientSurviveEncodingAndDecoding(@ForAll("ofClients") TransportParameters parameters)
            throws TransportException {
        assertEquals(parameters, TransportParameters.parse(parameters.encode(), false));
    }

    @Property(tries = 10_000)
    void noBytesMakeTheParserFailInAnotherWay(@ForAll("anything") byte[] encoded, @ForAll boolean fromServer) {
        TransportParametersFuzzTest.parse(encoded, fromServer);
    }

    @Property(tries = 10_000)
    void noMutationOfValidParametersMakesTheParserFailInAnotherWay(
            @ForAll("almostParameters") byte[] encoded, @ForAll boolean fromServer) {
        TransportParametersFuzzTest.parse(encoded, fromServer);
    }

    private static Builders.BuilderCombinator<TransportParameters.Builder> common() {
        Arbitrary<Long> any = FrameArbitraries.varInts();
        Arbitrary<Long> streams = FrameArbitraries.varInts(1L << 60);
        return Builders.withBuilder(TransportParameters::builder)
                .use(FrameArbitraries.connectionIds(1))
                .in(TransportParameters.Builder::initialSourceConnectionId)
                .use(any)
                .in(TransportParameters.Builder::maxIdleTimeoutMs)
                .use(any.map(value -> Math.max(1200, value)))
                .in(TransportParameters.Builder::maxUdpPayloadSize)
                .use(any)
                .in(TransportParameters.Builder::initialMaxData)
                .use(any)
                .in(TransportParameters.Builder::initialMaxStreamDataBidiLocal)
                .use(any)
                .in(TransportParameters.Builder::initialMaxStreamDataBidiRemote)
                .use(any)
                .in(TransportParameters.Builder::initialMaxStreamDataUni)
                .use(streams)
                .in(TransportParameters.Builder::initialMaxStreamsBidi)
                .use(streams)
                .in(TransportParameters.Builder::initialMaxStreamsUni)
                .use(Arbitraries.longs().between(0, 20))
                .in(TransportParameters.Builder::ackDelayExponent)
                .use(Arbitraries.longs().between(0, (1 << 14) - 1))
                .in(TransportParameters.Builder::maxAckDelayMs)
                .use(Arbitraries.of(true, false))
                .in(TransportParameters.Builder::disableActiveMigration)
                .use(any.map(value -> Math.max(2, value)))
                .in(TransportParameters.Builder::activeConnectionIdLimit)
                .use(any)
                .in(TransportParameters.Builder::maxDatagramFrameSize)
                .use(Arbitraries.of(true, false))
                .in(TransportParameters.Builder::greaseQuicBit);
    }

    private static Arbitrary<PreferredAddress> preferredAddresses() {
        return Combinators.combine(
                        socketAddresses(4).injectNull(0.3),
                        socketAddresses(16).injectNull(0.3),
                        FrameArbitraries.connectionIds(1),
                        FrameArbitraries.tokens())
                .as(PreferredAddress::new);
    }

    private static Arbitrary<InetSocketAddress> socketAddresses(int addressBytes) {
        return Combinators.combine(
                        FrameArbitraries.bytes(addressBytes, addressBytes),
                        Arbitraries.integers().between(1, 65_535))
                .as((bytes, port) -> new InetSocketAddress(address(bytes), port));
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return bytes.length == 4 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
