/**
 * Streams of a QUIC connection (RFC 9000 §2 to §4): states, buffers, flow control and who sends next. Without input and
 * output; the thread that owns the connection owns its streams.
 */
package io.mpquic.quic.stream;
