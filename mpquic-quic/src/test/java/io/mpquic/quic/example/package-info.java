/** The examples of docs/embedding.md, compiled and run: they use nothing but what is public. */
@org.jspecify.annotations.NullMarked
package io.mpquic.quic.example;
