package io.mpquic.quic.sim;

import java.util.SplittableRandom;

/** One direction of a path. Decides what happens to each datagram and when it arrives. */
final class SimulatedLink {
    private static final int NOT_ECT = 0;
    private static final int CE = 3;

    /** Takes the datagrams that will arrive. */
    interface Outlet {
        void arriveAt(long timeNs, byte[] datagram, int ecn);
    }

    private final SplittableRandom random;
    private LinkConditions conditions = LinkConditions.perfect();
    private LossModel.Process loss = conditions.loss().start();
    private DatagramFilter filter = (index, datagram, nowNs) -> false;
    private final BottleneckQueue queue = new BottleneckQueue();
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
    private long marked;
    private long bleached;

    SimulatedLink(SplittableRandom random) {
        this.random = random;
    }

    /** What is under way already arrives as it would have. */
    void conditions(LinkConditions next) {
        this.conditions = next;
        this.loss = next.loss().start();
    }

    void filter(DatagramFilter chosen) {
        this.filter = chosen;
    }

    LinkStatistics statistics() {
        return new LinkStatistics(
                sent,
                delivered,
                filtered,
                vanished,
                tooLarge,
                queueDropped,
                lost,
                reordered,
                duplicated,
                corrupted,
                marked,
                bleached);
    }

    /** Sends a datagram, whose array becomes the link's own. */
    void send(byte[] datagram, int ecn, long nowNs, Outlet outlet) {
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
        long departureNs = queue.enqueue(conditions.bottleneck(), datagram.length, nowNs);
        if (departureNs == -1) {
            queueDropped++;
            return;
        }
        if (loss.loses(random)) {
            lost++;
            return;
        }
        int arriving = treat(ecn);
        byte[] bytes = conditions.damage().apply(datagram, random);
        corrupted += bytes == datagram ? 0 : 1;
        deliver(bytes, arriving, departureNs, outlet);
        if (chance(conditions.duplication().probability())) {
            duplicated++;
            deliver(
                    bytes.clone(),
                    arriving,
                    departureNs + conditions.duplication().delayNs(),
                    outlet);
        }
    }

    private int treat(int ecn) {
        if (ecn == NOT_ECT) {
            return NOT_ECT;
        }
        if (conditions.ecn().bleached()) {
            bleached++;
            return NOT_ECT;
        }
        if (queue.isAboveMark() || chance(conditions.ecn().ceProbability())) {
            marked++;
            return CE;
        }
        return ecn;
    }

    private void deliver(byte[] datagram, int ecn, long departureNs, Outlet outlet) {
        delivered++;
        long jitterNs = conditions.jitterNs() == 0 ? 0 : random.nextLong(conditions.jitterNs() + 1);
        long arrivalNs = departureNs + conditions.delayNs() + jitterNs;
        if (chance(conditions.reordering().probability())) {
            reordered++;
            arrivalNs += conditions.reordering().delayNs();
        } else {
            arrivalNs = Math.max(arrivalNs, lastArrivalNs);
            lastArrivalNs = arrivalNs;
        }
        outlet.arriveAt(arrivalNs, datagram, ecn);
    }

    private boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }
}
