package io.mpquic.dataplane.ring;

/**
 * Lets a consumer sleep and its producer wake it, at the price of one read a packet while the consumer is awake.
 *
 * <pre>
 *   consumer                          producer
 *     ring empty                        commit a packet
 *     arm                               press: armed?  -> disarm and wake
 *     ring still empty? then sleep
 *     disarm
 * </pre>
 *
 * <p>Arming comes before the last look at the ring, and committing comes before the look at the bell, all in the one
 * order of volatile accesses: so at least one of the two sees the other, and no packet waits for a sleeper.
 */
public final class Doorbell {
    private final Runnable wake;
    private volatile boolean armed;

    /**
     * Creates a bell that is not armed.
     *
     * @param wake wakes the consumer; may be called from the producer's thread, and once too often
     */
    public Doorbell(Runnable wake) {
        this.wake = wake;
    }

    /** Consumer: wants to be woken from now on; it must look at the ring once more before it sleeps. */
    public void arm() {
        armed = true;
    }

    /** Consumer: is awake. */
    public void disarm() {
        armed = false;
    }

    /** Producer, after a commit: wakes the consumer when it sleeps or is about to. */
    public void press() {
        if (armed) {
            armed = false;
            wake.run();
        }
    }
}
