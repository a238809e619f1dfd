/** Writes what a connection does as a qlog, which tools such as qvis read. */
@org.jspecify.annotations.NullMarked
package io.mpquic.quic.qlog;
