package io.mpquic.dataplane;

/** Hears of what happens to a tunnel. */
@FunctionalInterface
public interface TunnelListener {
    /**
     * Is told of an event, on a thread of the tunnel: packets wait until it returns. What it throws is logged and
     * otherwise ignored. It may call {@link Tunnel#close}.
     */
    void onEvent(Tunnel tunnel, TunnelEvent event);
}
