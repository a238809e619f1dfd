/**
 * The front door for programs that embed tunnels: {@link io.mpquic.dataplane.Tunnel}, what it reports and what it counts.
 */
package io.mpquic.dataplane;
