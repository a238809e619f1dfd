/**
 * What RFC 9000, RFC 9001, RFC 9002 and RFC 9221 demand of an endpoint, put to the test by a peer that breaks every
 * rule. The peer shakes hands like any other, and then sends what a test tells it to.
 */
package io.mpquic.quic.conformance;
