package io.mpquic.quic.scenario;

import io.mpquic.quic.wire.AckFrame;
import io.mpquic.quic.wire.DatagramFrame;
import io.mpquic.quic.wire.Frame;
import io.mpquic.quic.wire.PacketType;
import io.mpquic.quic.wire.PaddingFrame;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** The last events of a run in words, where somebody is going to read them. */
final class Chronicle {
    private static final int MOST_LINES = 150;

    private final boolean written;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private LongSupplier clockNs = () -> 0;

    Chronicle(boolean written) {
        this.written = written;
    }

    /** Time since the start. */
    void clock(LongSupplier sinceStartNs) {
        clockNs = sinceStartNs;
    }

    void add(String who, String what) {
        if (!written) {
            return;
        }
        if (lines.size() >= MOST_LINES) {
            lines.remove();
        }
        lines.add(String.format("%10.3f ms %-9s %s", clockNs.getAsLong() / 1e6, who, what));
    }

    void packet(String who, String does, PacketType type, long number, int bytes, List<Frame> frames) {
        if (written) {
            String content = frames.stream().map(Chronicle::briefly).collect(Collectors.joining(", "));
            add(who, does + " " + type + " " + number + " (" + bytes + " bytes): " + content);
        }
    }

    private static String briefly(Frame frame) {
        if (frame instanceof DatagramFrame datagram) {
            return "DATAGRAM " + datagram.data().byteSize();
        }
        if (frame instanceof PaddingFrame || frame instanceof AckFrame) {
            return frame.toString();
        }
        String text = frame.toString();
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
