package io.mpquic.quic.sim;

import java.util.SplittableRandom;

/** One direction of a path. Decides what happens to each datagram and when it arrives. */
final class SimulatedLink {
    private static final long NS_PER_SECOND = 1_000_000_000;

    /** Takes the datagrams that will arrive. */
    interface Outlet {
        void arriveAt(long timeNs, byte[] datagram);
    }

    private final SplittableRandom random;
    private LinkConditions conditions = LinkConditions.perfect();
    private LossModel.Process loss = conditions.loss().start();
    private DatagramFilter filter = (index, datagram, nowNs) -> false;
    /** When the bottleneck has sent all that it holds. */
    private long bottleneckFreeNs = Long.MIN_VALUE;
    /** When the last datagram that was not held back arrives: the next one may not overtake it. */
    private long lastArrivalNs = Long.MIN_VALUE;

    private long sent;
    private long delivered;
    private long filtered;
    private long vanished;
    private long tooLarge;
    private long queueDropped;
    private long lost;
    private long reordered;
    private long duplicated;
    private long corrupted;

    SimulatedLink(SplittableRandom random) {
        this.random = random;
    }

    void conditions(LinkConditions conditions) {
        this.conditions = conditions;
        this.loss = conditions.loss().start();
    }

    void filter(DatagramFilter filter) {
        this.filter = filter;
    }

    LinkStatistics statistics() {
        return new LinkStatistics(
                sent, delivered, filtered, vanished, tooLarge, queueDropped, lost, reordered, duplicated, corrupted);
    }

    /** Sends a datagram, whose array becomes the link's own. */
    void send(byte[] datagram, long nowNs, Outlet outlet) {
        long index = sent++;
        if (filter.drops(index, datagram, nowNs)) {
            filtered++;
            return;
        }
        if (conditions.inBlackHole(nowNs)) {
            vanished++;
            return;
        }
        if (datagram.length > conditions.maxDatagramBytes()) {
            tooLarge++;
            return;
        }
        if (!enqueue(datagram.length, nowNs)) {
            queueDropped++;
            return;
        }
        if (loss.loses(random)) {
            lost++;
            return;
        }
        if (chance(conditions.corruptProbability())) {
            corrupt(datagram);
        }
        long departureNs = conditions.rateBitsPerSecond() == LinkConditions.UNLIMITED ? nowNs : bottleneckFreeNs;
        deliver(datagram, departureNs, outlet);
        if (chance(conditions.duplicateProbability())) {
            duplicated++;
            deliver(datagram.clone(), departureNs, outlet);
        }
    }

    /** Puts a datagram behind those that wait at the bottleneck, unless the queue is full. */
    private boolean enqueue(int lengthBytes, long nowNs) {
        if (conditions.rateBitsPerSecond() == LinkConditions.UNLIMITED) {
            return true;
        }
        long startNs = Math.max(nowNs, bottleneckFreeNs);
        long endNs = startNs + transmissionNs(lengthBytes);
        if (startNs > nowNs && endNs - nowNs > transmissionNs(conditions.queueBytes())) {
            return false;
        }
        bottleneckFreeNs = endNs;
        return true;
    }

    private long transmissionNs(int lengthBytes) {
        return Math.ceilDiv(8L * lengthBytes * NS_PER_SECOND, conditions.rateBitsPerSecond());
    }

    private void deliver(byte[] datagram, long departureNs, Outlet outlet) {
        delivered++;
        long jitterNs = conditions.jitterNs() == 0 ? 0 : random.nextLong(conditions.jitterNs() + 1);
        long arrivalNs = departureNs + conditions.delayNs() + jitterNs;
        if (chance(conditions.reorderProbability())) {
            reordered++;
            arrivalNs += conditions.reorderDelayNs();
        } else {
            arrivalNs = Math.max(arrivalNs, lastArrivalNs);
            lastArrivalNs = arrivalNs;
        }
        outlet.arriveAt(arrivalNs, datagram);
    }

    private void corrupt(byte[] datagram) {
        if (datagram.length == 0) {
            return;
        }
        corrupted++;
        // Bits apart from each other, so that no two flips cancel out.
        int bits = 8 * datagram.length;
        int first = random.nextInt(bits);
        int flips = 1 + random.nextInt(3);
        for (int i = 0; i < flips; i++) {
            int bit = (first + i * (bits / 3)) % bits;
            datagram[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    private boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }
}
