/**
 * Packet protection (RFC 9001 §5 and §6): key derivation, sealing and opening of packets, header protection, key
 * update, and the integrity tag of Retry packets. Nothing here knows frames, sockets or clocks.
 */
package io.mpquic.quic.crypto;
