/** How much may be in flight, and how fast it goes out (RFC 9002 §7). */
package io.mpquic.quic.congestion;
