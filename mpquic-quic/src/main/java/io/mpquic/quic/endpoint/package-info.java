/**
 * The endpoint without input and output: finds the connection of each datagram, opens new ones, and answers what belongs
 * to none (RFC 9000 §5.2).
 */
package io.mpquic.quic.endpoint;
