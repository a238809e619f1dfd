package io.mpquic.tun;

/** What the kernel says about links and addresses: rtnetlink(7), as far as it matters here. */
sealed interface RouteMessage {

    /**
     * A link is there, or has changed.
     *
     * @param index above 0
     * @param flags IFF flags, all 32 of them
     * @param mtuBytes 0 when the message does not say
     */
    record Link(int index, String name, int flags, int mtuBytes) implements RouteMessage {
        static final int IFF_UP = 0x1;
        static final int IFF_RUNNING = 0x40;
        static final int IFF_LOWER_UP = 0x10000;

        boolean isUp() {
            return (flags & IFF_UP) != 0;
        }

        /** There is a carrier, and the link is in operation: a dormant one waits for a login, for instance. */
        boolean hasCarrier() {
            int wanted = IFF_UP | IFF_RUNNING | IFF_LOWER_UP;
            return (flags & wanted) == wanted;
        }
    }

    /** A link is gone. */
    record LinkGone(int index) implements RouteMessage {}

    /**
     * An address is there, or has changed.
     *
     * @param index of its link
     * @param flags IFA_F flags
     */
    record Address(int index, Cidr cidr, int flags) implements RouteMessage {
        static final int IFA_F_OPTIMISTIC = 0x04;
        static final int IFA_F_DADFAILED = 0x08;
        static final int IFA_F_TENTATIVE = 0x40;

        /** Packets may carry it as their source, and are answered from beyond the link. */
        boolean isUsable() {
            // RFC 4862 §5.4: nothing is sent from a tentative address. RFC 4429 §3.3: from an optimistic one it is.
            boolean tentative = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
            return !tentative
                    && (flags & IFA_F_DADFAILED) == 0
                    && !cidr.address().isLinkLocalAddress();
        }
    }

    /** An address is gone. */
    record AddressGone(int index, Cidr cidr) implements RouteMessage {}

    /**
     * The answer to a question is complete.
     *
     * @param sequence of the question
     * @param errno 0, or why there is no answer
     */
    record End(int sequence, int errno) implements RouteMessage {}

    /** While the kernel listed what there is, it changed: the list may have holes. */
    record Interrupted() implements RouteMessage {}

    /** The kernel could not say all that it had to say. */
    record Overrun() implements RouteMessage {}
}
