package io.mpquic.tun;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All links and addresses of a host, by what the kernel has said so far. All of them, because a name can move from one
 * link to another, which had its addresses before. One thread.
 */
final class LinkTable {
    private final Map<Integer, RouteMessage.Link> links = new HashMap<>();
    private final Map<Integer, Map<Cidr, RouteMessage.Address>> addresses = new HashMap<>();

    /** Takes note of a message. */
    void apply(RouteMessage message) {
        switch (message) {
            case RouteMessage.Link link -> links.merge(link.index(), link, LinkTable::newer);
            case RouteMessage.LinkGone gone -> {
                links.remove(gone.index());
                addresses.remove(gone.index());
            }
            case RouteMessage.Address address ->
                addresses
                        .computeIfAbsent(address.index(), index -> new LinkedHashMap<>())
                        .put(address.cidr(), address);
            case RouteMessage.AddressGone gone ->
                addresses.getOrDefault(gone.index(), new HashMap<>()).remove(gone.cidr());
            case RouteMessage.End end -> {}
            case RouteMessage.Interrupted interrupted -> {}
            case RouteMessage.Overrun overrun -> {}
        }
    }

    private static RouteMessage.Link newer(RouteMessage.Link before, RouteMessage.Link now) {
        return now.mtuBytes() > 0
                ? now
                : new RouteMessage.Link(now.index(), now.name(), now.flags(), before.mtuBytes());
    }

    /** The interface of this name, with the addresses that can be used; empty when there is none. */
    Optional<InterfaceState> find(String name) {
        return links.values().stream()
                .filter(link -> link.name().equals(name))
                .findFirst()
                .map(this::state);
    }

    private InterfaceState state(RouteMessage.Link link) {
        List<Cidr> usable = addresses.getOrDefault(link.index(), Map.of()).values().stream()
                .filter(RouteMessage.Address::isUsable)
                .map(RouteMessage.Address::cidr)
                .toList();
        return new InterfaceState(link.name(), link.index(), link.isUp(), link.hasCarrier(), link.mtuBytes(), usable);
    }
}
