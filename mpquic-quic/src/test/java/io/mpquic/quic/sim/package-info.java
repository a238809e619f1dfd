/**
 * A network in virtual time for tests of endpoints that do no input and output themselves. It delays, drops, reorders,
 * doubles and damages datagrams, and everything it does follows from a seed: a test that fails prints the seed, and the
 * seed repeats the failure.
 */
package io.mpquic.quic.sim;
