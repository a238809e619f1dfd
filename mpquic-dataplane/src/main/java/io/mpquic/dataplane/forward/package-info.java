/**
 * What the tunnel knows of IP: header checks, packets that are too big, fragments, the MSS of TCP, and super-packets: how
 * they are cut and joined.
 */
package io.mpquic.dataplane.forward;
