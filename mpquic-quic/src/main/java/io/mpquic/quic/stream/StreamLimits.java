package io.mpquic.quic.stream;

/**
 * How much one end lets the other one do at first (RFC 9000 §4, §18.2), seen from the end that grants it.
 *
 * @param data bytes on all streams together
 * @param streamDataBidiLocal bytes on each bidirectional stream that the granting end opens
 * @param streamDataBidiRemote bytes on each bidirectional stream that the other end opens
 * @param streamDataUni bytes on each unidirectional stream
 * @param streamsBidi how many bidirectional streams the other end may open
 * @param streamsUni how many unidirectional streams the other end may open
 */
public record StreamLimits(
        long data,
        long streamDataBidiLocal,
        long streamDataBidiRemote,
        long streamDataUni,
        long streamsBidi,
        long streamsUni) {
    /** Nothing at all. */
    public static final StreamLimits NONE = new StreamLimits(0, 0, 0, 0, 0, 0);
}
