package io.mpquic.tun;

import io.mpquic.tun.ffi.Errno;
import io.mpquic.tun.ffi.InterfaceRequest;
import java.io.IOException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Optional;

/** Looks network interfaces up, in the network namespace of the calling thread. Safe for any thread. */
public final class NetworkInterfaces {

    private NetworkInterfaces() {}

    /**
     * Whether there is an interface of this name.
     *
     * @throws IllegalArgumentException when no interface can have such a name
     */
    public static boolean exists(String name) throws IOException {
        String checkedName = new InterfaceName(name).value();
        try (InterfaceControl control = InterfaceControl.open()) {
            return control.index(checkedName) != InterfaceControl.NO_INDEX;
        }
    }

    /**
     * The interface as it is now; empty when there is none of this name. IPv6 addresses come from the JDK, which reads
     * them in the network namespace that the process was started in.
     *
     * @throws IllegalArgumentException when no interface can have such a name
     */
    public static Optional<InterfaceState> find(String name) throws IOException {
        String checkedName = new InterfaceName(name).value();
        try (InterfaceControl control = InterfaceControl.open()) {
            int index = control.index(checkedName);
            if (index == InterfaceControl.NO_INDEX) {
                return Optional.empty();
            }
            int flags = control.flags(checkedName);
            return Optional.of(new InterfaceState(
                    checkedName,
                    index,
                    (flags & InterfaceRequest.IFF_UP) != 0,
                    (flags & InterfaceRequest.IFF_RUNNING) != 0,
                    control.mtuBytes(checkedName),
                    addresses(checkedName)));
        } catch (ErrnoException e) {
            // Deleted between two questions.
            if (e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static List<Cidr> addresses(String name) throws IOException {
        NetworkInterface found = NetworkInterface.getByName(name);
        return found == null
                ? List.of()
                : found.getInterfaceAddresses().stream()
                        .map(NetworkInterfaces::cidr)
                        .toList();
    }

    private static Cidr cidr(InterfaceAddress address) {
        return new Cidr(address.getAddress(), address.getNetworkPrefixLength());
    }
}
