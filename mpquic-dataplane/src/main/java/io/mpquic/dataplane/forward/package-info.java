/** What the tunnel knows of IP: header checks, packets that are too big, fragments, and the MSS of TCP. */
package io.mpquic.dataplane.forward;
