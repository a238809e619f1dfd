package io.mpquic.quic.sim;

/**
 * What has become of the datagrams of one direction, in datagrams.
 *
 * @param sent handed to the link
 * @param delivered put on the way to the receiver, the second copies of doubled ones included
 * @param filtered dropped by a test's own filter
 * @param vanished dropped in a black hole
 * @param tooLarge dropped for their size
 * @param queueDropped dropped because the queue was full
 * @param lost dropped by the loss model
 * @param reordered held back while later ones passed
 * @param duplicated delivered twice
 * @param corrupted delivered with other bytes
 * @param marked delivered as Congestion Experienced, by the link
 * @param bleached delivered without the ECN codepoint that they were sent with
 */
public record LinkStatistics(
        long sent,
        long delivered,
        long filtered,
        long vanished,
        long tooLarge,
        long queueDropped,
        long lost,
        long reordered,
        long duplicated,
        long corrupted,
        long marked,
        long bleached) {

    /** Everything that was sent and did not arrive even once. */
    public long dropped() {
        return filtered + vanished + tooLarge + queueDropped + lost;
    }
}
