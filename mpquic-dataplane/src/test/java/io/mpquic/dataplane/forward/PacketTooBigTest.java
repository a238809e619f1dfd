package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.Packets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class PacketTooBigTest {
    private static final int DF = 0x4000;
    private final PacketTooBig packetTooBig = new PacketTooBig();
    private long nowNs = 1_000_000_000L;

    private byte[] answerTo(byte[] packet, int mtu) {
        MemorySegment answer = Arena.ofAuto().allocate(PacketTooBig.MAX_ANSWER_BYTES + 1);
        int length = packetTooBig.answer(Packets.nativeAt(packet, 5), 5, packet.length, mtu, answer, 1, nowNs);
        return Packets.bytes(answer, 1, length);
    }

    private void assertUnanswered(byte[] packet) {
        assertEquals(0, answerTo(packet, 1162).length);
    }

    private static byte[] udp4(int length) {
        return Packets.ipv4(DF, Packets.UDP, new byte[0], Packets.payload(length - 20, 1));
    }

    @Test
    void anIpv4SenderLearnsTheMtuOfTheTunnel() {
        byte[] packet = udp4(1400);
        byte[] answer = answerTo(packet, 1250);
        assertEquals(576, answer.length);
        assertEquals(0x45, answer[0]);
        assertEquals(576, Packets.u16(answer, 2));
        assertEquals(Packets.ICMP, answer[9]);
        assertArrayEquals(Packets.B4, Packets.slice(answer, 12, 4), "from the packet's destination");
        assertArrayEquals(Packets.A4, Packets.slice(answer, 16, 4), "to the packet's source");
        assertEquals(0, Packets.checksum(Packets.slice(answer, 0, 20)));
        assertEquals(3, answer[20]);
        assertEquals(4, answer[21]);
        assertEquals(0, Packets.u16(answer, 24));
        assertEquals(1250, Packets.u16(answer, 26));
        assertArrayEquals(Packets.slice(packet, 0, 548), Packets.slice(answer, 28, 548));
        assertEquals(0, Packets.checksum(Packets.slice(answer, 20, 556)));
    }

    @Test
    void anIpv6SenderLearnsTheMtuOfTheTunnel() {
        byte[] packet = Packets.ipv6(Packets.UDP, Packets.payload(1360, 2));
        byte[] answer = answerTo(packet, 1300);
        assertEquals(1280, answer.length);
        assertEquals(0x60, answer[0]);
        assertEquals(1240, Packets.u16(answer, 4));
        assertEquals(Packets.ICMPV6, answer[6]);
        assertArrayEquals(Packets.B6, Packets.slice(answer, 8, 16));
        assertArrayEquals(Packets.A6, Packets.slice(answer, 24, 16));
        assertEquals(2, answer[40]);
        assertEquals(0, answer[41]);
        assertEquals(1300, Packets.u32(answer, 44));
        assertArrayEquals(Packets.slice(packet, 0, 1232), Packets.slice(answer, 48, 1232));
        byte[] icmp = Packets.slice(answer, 40, 1240);
        assertEquals(0, Packets.checksum(Packets.pseudo(Packets.B6, Packets.A6, Packets.ICMPV6, icmp)));
    }

    @Test
    void noIpv6SenderIsToldLessThan1280NorAnsweredForLess() {
        byte[] answer = answerTo(Packets.ipv6(Packets.UDP, new byte[1241]), 1162);
        assertEquals(1280, Packets.u32(answer, 44));
        assertUnanswered(Packets.ipv6(Packets.UDP, new byte[1240]));
    }

    @Test
    void noIpv4SenderIsToldLessThan68() {
        assertEquals(68, Packets.u16(answerTo(udp4(200), 40), 26));
    }

    @Test
    void aPacketThatMayBeFragmentedIsNotAnswered() {
        assertUnanswered(Packets.ipv4(0, Packets.UDP, new byte[0], new byte[1400]));
    }

    @Test
    void icmpErrorsAreNotAnsweredButEchoesAre() {
        for (int type : new int[] {3, 4, 5, 11, 12}) {
            byte[] icmp = new byte[1400];
            icmp[0] = (byte) type;
            assertUnanswered(Packets.ipv4(DF, Packets.ICMP, new byte[0], icmp));
        }
        byte[] echo = new byte[1400];
        echo[0] = 8;
        assertTrue(answerTo(Packets.ipv4(DF, Packets.ICMP, new byte[8], echo), 1200).length > 0);
    }

    @Test
    void icmpv6ErrorsAndRedirectsAreNotAnsweredButEchoesAre() {
        for (int type : new int[] {1, 2, 3, 4, 100, 127, 137}) {
            byte[] icmp = new byte[1400];
            icmp[0] = (byte) type;
            assertUnanswered(Packets.ipv6(Packets.ICMPV6, icmp));
        }
        byte[] echo = new byte[1400];
        echo[0] = (byte) 128;
        assertTrue(answerTo(Packets.ipv6(Packets.ICMPV6, echo), 1300).length > 0);
    }

    @Test
    void laterFragmentsAreNotAnswered() {
        assertUnanswered(Packets.ipv4(DF | 1, Packets.UDP, new byte[0], new byte[1400]));
        byte[] fragment = new byte[1400];
        fragment[3] = 8;
        assertUnanswered(Packets.ipv6(44, fragment));
    }

    @Test
    void multicastAndBroadcastAndImpossibleSourcesAreNotAnswered() {
        byte[] none = new byte[0];
        byte[] data = new byte[1400];
        byte[][] notOneHost = {{(byte) 224, 0, 0, 1}, {-1, -1, -1, -1}};
        for (byte[] address : notOneHost) {
            assertUnanswered(Packets.ipv4(DF, Packets.UDP, Packets.A4, address, none, data));
            assertUnanswered(Packets.ipv4(DF, Packets.UDP, address, Packets.B4, none, data));
        }
        assertUnanswered(Packets.ipv4(DF, Packets.UDP, new byte[4], Packets.B4, none, data));
        assertUnanswered(Packets.ipv4(DF, Packets.UDP, new byte[] {127, 0, 0, 1}, Packets.B4, none, data));
        byte[] multicast = Packets.A6.clone();
        multicast[0] = -1;
        assertUnanswered(Packets.ipv6(Packets.UDP, Packets.A6, multicast, data));
        assertUnanswered(Packets.ipv6(Packets.UDP, multicast, Packets.B6, data));
        assertUnanswered(Packets.ipv6(Packets.UDP, new byte[16], Packets.B6, data));
    }

    @Test
    void answersAreLimitedToAThousandASecondAfterABurstOfFifty() {
        int answered = 0;
        for (int i = 0; i < 200; i++) {
            answered += answerTo(udp4(1400), 1200).length > 0 ? 1 : 0;
        }
        assertEquals(50, answered);
        nowNs += 10_000_000;
        for (int i = 0; i < 200; i++) {
            answered += answerTo(udp4(1400), 1200).length > 0 ? 1 : 0;
        }
        assertEquals(60, answered);
    }
}
