/**
 * The QUIC connection as a state machine without input and output: datagrams and time go in, datagrams, events and the
 * next deadline come out. One thread owns a connection; nothing here reads a clock, opens a socket or draws a random
 * number of its own.
 */
package io.mpquic.quic.connection;
