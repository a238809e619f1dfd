package io.mpquic.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

class ConfigProperties {

    @Property
    void theEditDistanceIsSymmetricAndZeroOnlyForEqualWords(
            @ForAll @AlphaChars @StringLength(max = 12) String a,
            @ForAll @AlphaChars @StringLength(max = 12) String b) {
        int distance = EditDistance.between(a, b);
        assertEquals(distance, EditDistance.between(b, a));
        assertEquals(a.equals(b), distance == 0);
        assertTrue(distance <= Math.max(a.length(), b.length()));
    }

    @Property
    void oneSlipOfTheFingerIsADistanceOfOne(@ForAll @IntRange(min = 0, max = 7) int at) {
        String word = "tun_cidr";
        assertEquals(1, EditDistance.between(word, word.substring(0, at) + word.substring(at + 1)));
        assertEquals(1, EditDistance.between(word, word.substring(0, at) + "#" + word.substring(at)));
        assertEquals(1, EditDistance.between(word, word.substring(0, at) + "#" + word.substring(at + 1)));
        if (at > 0) {
            String swapped = word.substring(0, at - 1) + word.charAt(at) + word.charAt(at - 1) + word.substring(at + 1);
            assertEquals(1, EditDistance.between(word, swapped));
        }
    }

    @Property
    void everyPortIsReadAsItself(@ForAll @IntRange(min = 1, max = 65535) int port) {
        assertEquals(port, Port.parse(Integer.toString(port)).number());
    }

    @Property
    void everyPrefixOfAnAddressIsReadAsItself(@ForAll @IntRange(min = 1, max = 32) int bits, @ForAll byte last) {
        String text = "10.200.1." + (last & 0xff) + "/" + bits;
        assertEquals(text, TunAddress.parse(text).toString());
    }

    @Property
    void noTextAsAValueEscapesTheLoader(@ForAll String value, @ForAll ConfigKey key) {
        String quoted = value.replace("\\", "\\\\").replace("\"", "\\\"");
        String text = key.yamlName() + ": \"" + quoted + "\"\n";
        try {
            ConfigLoader.parse(Path.of("x.yaml"), text.getBytes(StandardCharsets.UTF_8));
        } catch (ConfigException e) {
            e.problems().forEach(problem -> assertTrue(problem.line() >= 1));
            return;
        }
        throw new AssertionError("a file of one key was taken: " + text);
    }
}
