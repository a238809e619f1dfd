/** Measurements of the core: {@code scripts/bench-core.sh} runs those with JMH, the normal build the ones that must hold. */
package io.mpquic.quic.bench;
