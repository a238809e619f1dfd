/**
 * What was sent and what arrived: round-trip times, losses, probe timeouts, acknowledgements, path MTU (RFC 9002,
 * RFC 9000 §13 and §14).
 */
package io.mpquic.quic.recovery;
