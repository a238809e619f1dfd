package io.mpquic.dataplane.agent;

import io.mpquic.tun.Cidr;
import io.mpquic.tun.InterfaceState;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether the interface that a client is bound to can be used. */
sealed interface WanCondition {

    /** Nobody says: the client tries. */
    record Unwatched() implements WanCondition {}

    /**
     * It can be used.
     *
     * @param index a new interface of the same name has another
     * @param addresses those from which the server can be reached
     */
    record Usable(int index, Set<InetAddress> addresses) implements WanCondition {
        public Usable {
            addresses = Set.copyOf(addresses);
        }
    }

    /**
     * It cannot be used, so there is no sense in dialling.
     *
     * @param reason in a word or two, as {@link io.mpquic.dataplane.TunnelEvent.Waiting} has it
     */
    record Unusable(String reason) implements WanCondition {}

    /** What an interface, or its absence, means to a client of this server. */
    static WanCondition of(Optional<InterfaceState> found, Reach reach) {
        if (found.isEmpty()) {
            return new Unusable("not there");
        }
        InterfaceState state = found.get();
        if (!state.up()) {
            return new Unusable("down");
        }
        if (!state.carrier()) {
            return new Unusable("no carrier");
        }
        Set<InetAddress> addresses = state.addresses().stream()
                .map(Cidr::address)
                .filter(reach::isServedBy)
                .collect(Collectors.toUnmodifiableSet());
        return addresses.isEmpty() && reach.needsAddress()
                ? new Unusable("no address")
                : new Usable(state.index(), addresses);
    }
}
