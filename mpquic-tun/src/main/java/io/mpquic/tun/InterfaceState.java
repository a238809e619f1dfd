package io.mpquic.tun;

import java.util.List;

/**
 * A network interface at one moment.
 *
 * @param name its name
 * @param index its number in its network namespace, above 0; a new interface of the same name has another
 * @param up whether it is switched on
 * @param carrier whether it is on and has a link: a cable, or for a TUN device a program that has it open
 * @param mtuBytes its MTU in bytes
 * @param addresses its addresses with their prefixes
 */
public record InterfaceState(String name, int index, boolean up, boolean carrier, int mtuBytes, List<Cidr> addresses) {
    /** Copies the list. */
    public InterfaceState {
        addresses = List.copyOf(addresses);
    }
}
