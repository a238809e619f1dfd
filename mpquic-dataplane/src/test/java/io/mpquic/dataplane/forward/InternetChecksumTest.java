package io.mpquic.dataplane.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mpquic.dataplane.Packets;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {

    @Test
    void theExampleOfRfc1071Section3HasTheSumGivenThere() {
        byte[] bytes = HexFormat.of().parseHex("0001f203f4f5f6f7");
        assertEquals(0xddf2, InternetChecksum.sum(Packets.nativeAt(bytes, 0), 0, bytes.length));
    }

    @Test
    void theExampleOfRfc1624Section4IsUpdatedRight() {
        assertEquals(0x0000, InternetChecksum.update(0xdd2f, 0x5555, 0x3285));
    }

    @Property
    void theSumIsThatOfWordByWordAddition(@ForAll @Size(max = 200) byte[] bytes, @ForAll @IntRange(max = 7) int at) {
        int sum = InternetChecksum.sum(Packets.nativeAt(bytes, at), at, bytes.length);
        assertEquals(Packets.checksum(bytes), InternetChecksum.complement(sum));
    }
}
