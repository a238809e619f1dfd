package io.mpquic.quic.qlog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class JsonTextTest {
    @Test
    void membersAndElementsAreSeparated() {
        JsonText json = new JsonText().open('{');
        json.name("a").value(1).name("b").open('[').value(true).value("x").close(']');
        json.name("c").open('{').close('}').close('}');
        assertEquals("{\"a\":1,\"b\":[true,\"x\"],\"c\":{}}", json.toString());
    }

    @Test
    void whatWouldEndAStringIsEscaped() {
        assertEquals(
                "\"\\\"\\\\\\u000a\\u001e\\ud800x\\udc00\ud83d\ude00\"",
                new JsonText().value("\"\\\n\u001e\ud800x\udc00\ud83d\ude00").toString());
    }

    @Test
    void timesAreMillisecondsWithThreeDigits() {
        JsonText json = new JsonText().open('[');
        json.milliseconds(0)
                .milliseconds(1_234_567_890L)
                .milliseconds(5_007_000L)
                .milliseconds(999);
        assertEquals("[0.000,1234.567,5.007,0.000", json.toString());
    }
}
