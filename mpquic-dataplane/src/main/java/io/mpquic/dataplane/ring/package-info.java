/** Packet memory and the queue that carries packets from one thread to another without copying them. */
package io.mpquic.dataplane.ring;
