package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bytes of the structures, as a C program on a little-endian machine lays them out. */
class LayoutsTest {
    private final Arena arena = Arena.ofAuto();

    @BeforeEach
    void onALittleEndianMachine() {
        Assumptions.assumeTrue(
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the expected bytes are little-endian");
    }

    @Test
    void anInterfaceRequestIsANameAndAValue() {
        InterfaceRequest request = new InterfaceRequest(arena, "mpq1");

        assertEquals("6d707131" + "00".repeat(36), hex(request.segment()));
        assertEquals("mpq1", request.name());
        assertEquals(
                "6d707131" + "00".repeat(12) + "0190" + "00".repeat(22),
                hex(request.flags(0x9001).segment()));
        assertEquals(0x9001, request.flags());
        assertEquals(
                "6d707131" + "00".repeat(12) + "14050000" + "00".repeat(20),
                hex(request.value(1300).segment()));
        assertEquals(1300, request.value());
    }

    @Test
    void anInterfaceRequestHoldsAnIpv4Address() throws Exception {
        InterfaceRequest request = new InterfaceRequest(arena, "fifteen-bytes-1")
                .address((Inet4Address) InetAddress.getByName("10.200.1.2"));

        assertEquals(
                "66696674" + "65656e2d" + "62797465" + "732d3100" + "0200" + "0000" + "0ac80102" + "00".repeat(16),
                hex(request.segment()));
    }

    @Test
    void anInterfaceNameThatDoesNotFitIsABug() {
        assertThrows(IllegalArgumentException.class, () -> new InterfaceRequest(arena, "sixteen-bytes-16"));
    }

    @Test
    void anIpv6AddressRequestIsAnAddressAPrefixAndAnIndex() throws Exception {
        Ipv6AddressRequest request =
                new Ipv6AddressRequest(arena, (Inet6Address) InetAddress.getByName("fd00::1"), 64, 7);

        assertEquals("fd000000000000000000000000000001" + "40000000" + "07000000", hex(request.segment()));
    }

    @Test
    void socketAddressesOfBothFamiliesAreRead() throws Exception {
        assertEquals(
                new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 4433),
                SocketAddress.read(bytes("0200" + "1151" + "c0000201" + "00".repeat(8))));
        assertEquals(
                new InetSocketAddress(InetAddress.getByName("fd00::1"), 65_535),
                SocketAddress.read(
                        bytes("0a00" + "ffff" + "00000000" + "fd000000000000000000000000000001" + "00000000")));
    }

    @Test
    void anIpv4MappedSocketAddressIsReadAsIpv4() throws Exception {
        assertEquals(
                new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 80),
                SocketAddress.read(
                        bytes("0a00" + "0050" + "00000000" + "00000000000000000000ffffc0000201" + "00000000")));
    }

    @Test
    void aSocketAddressOfAnotherFamilyIsNone() {
        assertNull(SocketAddress.read(bytes("0100" + "00".repeat(26))));
    }

    private static MemorySegment bytes(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        MemorySegment segment = Arena.ofAuto().allocate(SocketAddress.STORAGE_BYTES, Long.BYTES);
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    private static String hex(MemorySegment segment) {
        return HexFormat.of().formatHex(segment.toArray(JAVA_BYTE));
    }
}
