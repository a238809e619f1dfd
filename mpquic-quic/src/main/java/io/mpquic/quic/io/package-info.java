/** UDP sockets and memory for QUIC endpoints: the only place that knows a channel. */
package io.mpquic.quic.io;
