package io.mpquic.dataplane;

import io.mpquic.tun.TunDevice;
import java.io.IOException;

/** Opens the TUN device of a tunnel, once, when the tunnel starts. */
@FunctionalInterface
public interface TunSource {
    /**
     * Opens the device.
     *
     * @throws IOException when it cannot be had
     */
    TunDevice open() throws IOException;
}
