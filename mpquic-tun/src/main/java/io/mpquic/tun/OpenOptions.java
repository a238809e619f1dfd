package io.mpquic.tun;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;

/** What {@link LinuxTun#open} may do when the interface is not there. One that is there is never changed. */
public sealed interface OpenOptions {

    /** The MTU that a new interface gets when nothing else is asked for: fits a path of 1400 bytes. */
    int DEFAULT_MTU_BYTES = 1300;

    /** The interface must be there; nothing is made. */
    static AttachOnly attachOnly() {
        return new AttachOnly(true);
    }

    /** Makes the interface when it is not there, with {@link #DEFAULT_MTU_BYTES} and no address, and brings it up. */
    static CreateWhenAbsent createWhenAbsent() {
        return new CreateWhenAbsent(List.of(), DEFAULT_MTU_BYTES, true);
    }

    /** Whether {@link TunDevice#offload} is wanted, where the kernel has it. It is, unless asked otherwise. */
    boolean offload();

    /** The same with or without {@link TunDevice#offload}. */
    OpenOptions offload(boolean wanted);

    /**
     * See {@link OpenOptions#attachOnly}.
     *
     * @param offload see {@link OpenOptions#offload()}
     */
    record AttachOnly(boolean offload) implements OpenOptions {
        @Override
        public AttachOnly offload(boolean wanted) {
            return new AttachOnly(wanted);
        }
    }

    /**
     * See {@link OpenOptions#createWhenAbsent}. A new interface goes away when it is closed: make it persistent
     * beforehand ({@code ip tuntap add}) where it should outlive the process.
     *
     * @param addresses at most one IPv4 address, any number of IPv6 ones
     * @param mtuBytes 68 to 65535; at least 1280 with an IPv6 address
     * @param offload see {@link OpenOptions#offload()}
     */
    record CreateWhenAbsent(List<Cidr> addresses, int mtuBytes, boolean offload) implements OpenOptions {
        /** The least MTU of IPv4 (RFC 791) and of IPv6 (RFC 8200 §5). */
        private static final int MIN_MTU_BYTES = 68;

        private static final int MIN_IPV6_MTU_BYTES = 1280;
        private static final int MAX_MTU_BYTES = 65_535;

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException when they are outside of the ranges above
         */
        public CreateWhenAbsent {
            addresses = List.copyOf(addresses);
            int least = addresses.stream().anyMatch(Cidr::isIpv6) ? MIN_IPV6_MTU_BYTES : MIN_MTU_BYTES;
            if (mtuBytes < least || mtuBytes > MAX_MTU_BYTES) {
                throw new IllegalArgumentException(
                        "MTU " + mtuBytes + " is not between " + least + " and " + MAX_MTU_BYTES);
            }
            if (addresses.stream()
                            .filter(c -> c.address() instanceof Inet4Address)
                            .count()
                    > 1) {
                throw new IllegalArgumentException("more than one IPv4 address: " + addresses);
            }
        }

        /** The same with one more address. */
        public CreateWhenAbsent address(Cidr address) {
            List<Cidr> all = new ArrayList<>(addresses);
            all.add(address);
            return new CreateWhenAbsent(all, mtuBytes, offload);
        }

        /** The same with another MTU, in bytes. */
        public CreateWhenAbsent mtuBytes(int bytes) {
            return new CreateWhenAbsent(addresses, bytes, offload);
        }

        @Override
        public CreateWhenAbsent offload(boolean wanted) {
            return new CreateWhenAbsent(addresses, mtuBytes, wanted);
        }
    }
}
