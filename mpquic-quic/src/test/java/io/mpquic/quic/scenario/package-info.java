/**
 * Whole connections through thousands of drawn scenarios on the network of {@link io.mpquic.quic.sim}: a client and a
 * server on virtual time, weather and a script that follow from a seed, and invariants that are checked after each step.
 *
 * <p>{@link io.mpquic.quic.scenario.ScenarioTest} runs them. Each failure prints the seed, the scenario in words, the
 * smallest scenario that still fails, its last events, and the command that runs this seed alone. More seeds:
 *
 * <pre>{@code
 * mvn -pl mpquic-quic -am test -Dtest=ScenarioTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dmpquic.sim.seeds=100000 -Dmpquic.sim.first=0
 * }</pre>
 */
package io.mpquic.quic.scenario;
