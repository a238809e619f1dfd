/** TUN devices as an embedder sees them. */
package io.mpquic.tun;
