package io.mpquic.dataplane.agent;

import io.mpquic.tun.InterfaceMonitor;
import java.io.IOException;

/** Begins to follow an interface. */
@FunctionalInterface
public interface WanSource {
    /**
     * Opens a monitor.
     *
     * @throws IOException when the system does not tell of its interfaces
     */
    InterfaceMonitor open(String device) throws IOException;
}
