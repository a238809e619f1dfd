package io.mpquic.quic.wire;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Network byte order at any address (RFC 9000 §1.3). Unaligned, because a field of a packet stands wherever the fields
 * before it end.
 */
final class BigEndian {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private BigEndian() {}
}
