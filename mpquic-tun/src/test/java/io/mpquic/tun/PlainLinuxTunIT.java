package io.mpquic.tun;

/** The same without an offload: the mode of old kernels, and of whoever switches it off. */
class PlainLinuxTunIT extends LinuxTunIT {
    @Override
    boolean offload() {
        return false;
    }
}
