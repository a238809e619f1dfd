package io.mpquic.cli.config;

import io.mpquic.tun.InterfaceName;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One tunnel, as its configuration file describes it. Every component is of a type that has no invalid values, so nothing
 * behind the loader checks again. Files and interfaces may still be missing when the instance starts.
 *
 * @param side client or server, and what belongs to it
 * @param bind what the UDP socket is tied to
 * @param tunName the interface of the tunnel
 * @param tunAddress its address, used when the interface has to be created
 * @param logLevel how much is logged
 * @param congestion how the sender finds out what its path carries
 * @param packetPath what the packets may pass through
 * @param qlogDirectory where each connection leaves a qlog; empty: nowhere
 * @param keyLog where the secrets of each connection are written to; empty: nowhere
 */
public record InstanceConfig(
        Side side,
        BindTarget bind,
        InterfaceName tunName,
        TunAddress tunAddress,
        LogLevel logLevel,
        Congestion congestion,
        PacketPathChoice packetPath,
        Optional<Path> qlogDirectory,
        Optional<KeyLogTarget> keyLog) {

    /** What this instance is called in the log. */
    public String name() {
        return tunName.value();
    }
}
