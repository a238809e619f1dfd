package io.mpquic.quic.connection;

import io.mpquic.quic.wire.ConnectionId;
import org.jspecify.annotations.Nullable;

/**
 * The first packet of a client, as the server sees it.
 *
 * @param destination its Destination Connection ID
 * @param source its Source Connection ID
 * @param retriedFrom after a Retry: the Destination Connection ID of the packet that the Retry answered; null without one
 * @param addressProven whether its token proves the client's address (RFC 9000 §8.1)
 */
public record Opening(
        ConnectionId destination,
        ConnectionId source,
        @Nullable ConnectionId retriedFrom,
        boolean addressProven) {}
