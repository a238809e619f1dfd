/** Six tunnels inside one process: real QUIC over the loopback interface, hosts and TUN devices made of memory. */
package io.mpquic.cli.demo;
