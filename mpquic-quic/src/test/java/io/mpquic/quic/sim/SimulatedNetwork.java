package io.mpquic.quic.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Nodes and the links between them, in virtual time. Everything that happens follows from the seed, the nodes and the
 * order of the calls. Not thread-safe.
 *
 * <p>Every failure that is raised here names the seed, exceptions out of a node included. A test that asserts by itself
 * uses {@link #toString()} as the message.
 */
public final class SimulatedNetwork {
    /** Not zero and not a round number: code that takes 0 for "no time" shows up. */
    private static final long START_NS = 1_234_567_891L;

    private static final int LARGEST_DATAGRAM_BYTES = 65_527;
    /** So many steps at one instant are a node that spins. */
    private static final int MOST_STEPS_AT_ONE_INSTANT = 100_000;

    private static final byte POISON = (byte) 0xdb;

    private record Direction(InetSocketAddress from, InetSocketAddress to) {}

    private final long seed;
    private final Attachments attachments = new Attachments();
    private final Map<Direction, SimulatedLink> links = new HashMap<>();
    private final Timeline timeline = new Timeline();
    private final MemorySegment receiveBuffer = Arena.ofAuto().allocate(LARGEST_DATAGRAM_BYTES);
    private final MemorySegment transmitBuffer = Arena.ofAuto().allocate(LARGEST_DATAGRAM_BYTES);
    private long nowNs = START_NS;
    private long unroutable;
    private long traceHash;
    private long shapeHash;
    private int mostStepsAtOneInstant = MOST_STEPS_AT_ONE_INSTANT;
    private Runnable afterEachStep = () -> {};
    private int stepsAtThisInstant;

    /** A network whose every choice follows from the seed. */
    public SimulatedNetwork(long seed) {
        this.seed = seed;
        transmitBuffer.fill(POISON);
    }

    /** Attaches a node under an address. */
    public void attach(InetSocketAddress address, SimulatedNode node) {
        attachments.add(node, address);
    }

    /** Sets what happens to datagrams from one node to another, from now on. Addresses are those of {@link #attach}. */
    public void link(InetSocketAddress from, InetSocketAddress to, LinkConditions conditions) {
        linkOf(from, to).conditions(conditions);
    }

    /** Sets the same conditions for both directions. */
    public void linkBothWays(InetSocketAddress one, InetSocketAddress other, LinkConditions conditions) {
        link(one, other, conditions);
        link(other, one, conditions);
    }

    /** Lets a test choose datagrams that one direction drops. */
    public void dropIf(InetSocketAddress from, InetSocketAddress to, DatagramFilter filter) {
        linkOf(from, to).filter(filter);
    }

    /**
     * Gives a node another address to the outside, as a NAT does that has lost its mapping. Datagrams to the old address
     * vanish, those on the way included.
     *
     * @param home the address the node was attached with
     */
    public void rebind(InetSocketAddress home, InetSocketAddress visible) {
        attachments.attached(home).visible = visible;
    }

    /** Runs an action of the test at a time; at once when that has passed. */
    public void at(long timeNs, Runnable action) {
        timeline.add(Math.max(timeNs, nowNs), action);
    }

    /** Sends a datagram as if its sender had the visible address {@code from}: what an attacker can do. */
    public void inject(InetSocketAddress from, InetSocketAddress to, byte[] datagram) {
        send(from, from, to, datagram.clone(), 0);
    }

    /** Lets a stretch of time pass. */
    public void runFor(long durationNs) {
        runUntil(nowNs + durationNs);
    }

    /** Lets time pass up to a moment; what is due at that moment happens too. */
    public void runUntil(long endNs) {
        transmitAll();
        while (step(endNs)) {
            continue;
        }
        nowNs = Math.max(nowNs, endNs);
    }

    /**
     * Lets time pass until a condition holds.
     *
     * @param what the condition in words, for the failure
     * @param limitNs for how long at most
     * @throws AssertionError if it does not hold by then
     */
    public void runUntil(String what, BooleanSupplier condition, long limitNs) {
        long endNs = nowNs + limitNs;
        transmitAll();
        while (!condition.getAsBoolean()) {
            if (!step(endNs)) {
                throw failure("not within " + limitNs / 1_000_000 + " ms: " + what, null);
            }
        }
    }

    /** Virtual time. */
    public long nowNs() {
        return nowNs;
    }

    /** What has happened in one direction. Addresses are those of {@link #attach}. */
    public LinkStatistics statistics(InetSocketAddress from, InetSocketAddress to) {
        return linkOf(from, to).statistics();
    }

    /** Datagrams to an address that no node has. */
    public long unroutable() {
        return unroutable;
    }

    /** A digest of everything that was delivered, and when: equal for two runs that were the same. */
    public long traceHash() {
        return traceHash;
    }

    /**
     * A digest of the sizes and times of what was delivered, without the content: keys that come from a true random
     * source do not change it.
     */
    public long shapeHash() {
        return shapeHash;
    }

    /** Sets after how many steps at one instant of time the network fails, 1 or more. */
    public void mostStepsAtOneInstant(int steps) {
        mostStepsAtOneInstant = steps;
    }

    /** Runs a check of the test after each step: a datagram that arrived, a deadline, an action. */
    public void afterEachStep(Runnable check) {
        afterEachStep = check;
    }

    @Override
    public String toString() {
        return "seed 0x" + Long.toHexString(seed) + "L, " + (nowNs - START_NS) / 1000 + " us after the start";
    }

    /** Does the next thing that is due by {@code endNs}; false when there is none. */
    private boolean step(long endNs) {
        Attachments.Attachment earliest = attachments.earliestTimeout();
        long eventNs = timeline.nextNs();
        long timeoutNs = earliest == null ? Long.MAX_VALUE : Math.max(nowNs, earliest.node.nextTimeoutNs());
        long nextNs = Math.min(eventNs, timeoutNs);
        if (nextNs > endNs || nextNs == Long.MAX_VALUE) {
            return false;
        }
        advanceTo(nextNs);
        if (eventNs <= timeoutNs) {
            guarded("an action", timeline.next());
        } else if (earliest != null) {
            guarded("the timeout of " + earliest.home, () -> earliest.node.onTimeout(nowNs));
        }
        transmitAll();
        guarded("the check after a step", afterEachStep);
        return true;
    }

    private void advanceTo(long timeNs) {
        if (timeNs < nowNs) {
            throw failure("time goes back by " + (nowNs - timeNs) + " ns", null);
        }
        stepsAtThisInstant = timeNs == nowNs ? stepsAtThisInstant + 1 : 0;
        if (stepsAtThisInstant > mostStepsAtOneInstant) {
            throw failure("time stands still: a node keeps a deadline that has passed, or answers without end", null);
        }
        nowNs = timeNs;
    }

    private void transmitAll() {
        for (Attachments.Attachment attachment : attachments.all()) {
            guarded("transmission by " + attachment.home, () -> transmit(attachment));
        }
    }

    private void transmit(Attachments.Attachment sender) {
        for (int count = 0; ; count++) {
            if (count > MOST_STEPS_AT_ONE_INSTANT) {
                throw failure(sender.home + " sends without end", null);
            }
            int lengthBytes = sender.node.transmit(transmitBuffer, nowNs);
            if (lengthBytes <= 0) {
                return;
            }
            MemorySegment slice = transmitBuffer.asSlice(0, lengthBytes);
            byte[] datagram = slice.toArray(ValueLayout.JAVA_BYTE);
            slice.fill(POISON);
            send(sender.home, sender.visible, sender.node.transmitTo(), datagram, sender.node.transmitEcn());
        }
    }

    private void send(
            InetSocketAddress home, InetSocketAddress visible, InetSocketAddress to, byte[] datagram, int ecn) {
        Attachments.Attachment receiver = attachments.reachable(to);
        if (receiver == null) {
            unroutable++;
            return;
        }
        linkOf(home, receiver.home)
                .send(
                        datagram,
                        ecn,
                        nowNs,
                        (timeNs, bytes, codepoint) -> at(timeNs, () -> arrive(visible, to, bytes, codepoint)));
    }

    private void arrive(InetSocketAddress from, InetSocketAddress to, byte[] datagram, int ecn) {
        Attachments.Attachment receiver = attachments.reachable(to);
        if (receiver == null) {
            unroutable++;
            return;
        }
        traceHash = 31 * (31 * (31 * traceHash + nowNs) + to.hashCode()) + Arrays.hashCode(datagram);
        shapeHash = 31 * (31 * (31 * shapeHash + nowNs) + to.hashCode()) + datagram.length;
        MemorySegment.copy(datagram, 0, receiveBuffer, ValueLayout.JAVA_BYTE, 0, datagram.length);
        MemorySegment slice = receiveBuffer.asSlice(0, datagram.length);
        receiver.node.receive(slice, from, ecn, nowNs);
        // A node that keeps the buffer instead of the bytes does not get away with it.
        slice.fill(POISON);
    }

    private SimulatedLink linkOf(InetSocketAddress from, InetSocketAddress to) {
        // Each link has a random source of its own, so that traffic on one does not change what another does.
        long linkSeed = seed ^ (31L * from.hashCode() + to.hashCode()) * 0x9e3779b97f4a7c15L;
        return links.computeIfAbsent(
                new Direction(from, to), direction -> new SimulatedLink(new SplittableRandom(linkSeed)));
    }

    private void guarded(String what, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | AssertionError e) {
            if (e instanceof SimulationFailure) {
                throw e;
            }
            throw failure("failure in " + what + ": " + e, e);
        }
    }

    private AssertionError failure(String what, @Nullable Throwable cause) {
        return new SimulationFailure(what + " [" + this + "]", cause);
    }
}
