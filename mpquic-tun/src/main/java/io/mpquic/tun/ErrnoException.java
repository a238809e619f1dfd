package io.mpquic.tun;

import io.mpquic.tun.ffi.Errno;
import java.io.IOException;

/** A system call that failed: which one, on what device, why, and what the operator can do about it. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final String device;
    private final int errno;

    /**
     * Creates the exception.
     *
     * @param call the system call, with the request or option where that matters, such as {@code ioctl TUNSETIFF}
     * @param device the interface or device node
     * @param errno the error number, above 0
     * @param remedy what to do about it, a sentence or two without a full stop at the end; empty when there is nothing
     *     to say
     */
    public ErrnoException(String call, String device, int errno, String remedy) {
        super(device + ": " + call + " failed: " + Errno.describe(errno) + (remedy.isEmpty() ? "" : ": " + remedy));
        this.call = call;
        this.device = device;
        this.errno = errno;
    }

    /** The system call that failed. */
    public String call() {
        return call;
    }

    /** The interface or device node that it was about. */
    public String device() {
        return device;
    }

    /** The error number, as in errno(3). */
    public int errno() {
        return errno;
    }
}
