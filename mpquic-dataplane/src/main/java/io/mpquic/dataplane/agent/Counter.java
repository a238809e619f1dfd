package io.mpquic.dataplane.agent;

/** What is counted, besides drops, which go by their cause. */
enum Counter {
    FROM_HOST_PACKETS,
    FROM_HOST_BYTES,
    SENT_PACKETS,
    SENT_BYTES,
    FRAGMENTED_PACKETS,
    MARKED_PACKETS,
    RECEIVED_PACKETS,
    RECEIVED_BYTES,
    ICMP_ANSWERS,
    CLAMPED_SEGMENT_SIZES,
    TO_HOST_PACKETS,
    TO_HOST_BYTES,
    SESSIONS
}
