/** What stands in a UDP datagram: packets, frames, transport parameters, and nothing that has a state. */
package io.mpquic.quic.wire;
