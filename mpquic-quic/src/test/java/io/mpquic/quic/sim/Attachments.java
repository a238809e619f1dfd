package io.mpquic.quic.sim;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The nodes of a network, and where they are. */
final class Attachments {
    /** A node, the address it was attached with, and the address that others see. */
    static final class Attachment {
        final SimulatedNode node;
        final InetSocketAddress home;
        InetSocketAddress visible;

        private Attachment(SimulatedNode node, InetSocketAddress home) {
            this.node = node;
            this.home = home;
            this.visible = home;
        }
    }

    private final List<Attachment> all = new ArrayList<>();

    void add(SimulatedNode node, InetSocketAddress home) {
        all.add(new Attachment(node, home));
    }

    List<Attachment> all() {
        return all;
    }

    /** The node whose deadline comes first; null when none has one. */
    @Nullable Attachment earliestTimeout() {
        Attachment earliest = null;
        long earliestNs = Long.MAX_VALUE;
        for (Attachment attachment : all) {
            long deadlineNs = attachment.node.nextTimeoutNs();
            if (deadlineNs < earliestNs) {
                earliest = attachment;
                earliestNs = deadlineNs;
            }
        }
        return earliest;
    }

    /** The node that others see under this address; null when there is none. */
    @Nullable Attachment reachable(InetSocketAddress visible) {
        for (Attachment attachment : all) {
            if (attachment.visible.equals(visible)) {
                return attachment;
            }
        }
        return null;
    }

    Attachment attached(InetSocketAddress home) {
        for (Attachment attachment : all) {
            if (attachment.home.equals(home)) {
                return attachment;
            }
        }
        throw new IllegalArgumentException("no node was attached as " + home);
    }
}
