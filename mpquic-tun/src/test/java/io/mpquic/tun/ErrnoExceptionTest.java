package io.mpquic.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.tun.ffi.Errno;
import org.junit.jupiter.api.Test;

class ErrnoExceptionTest {

    @Test
    void theMessageNamesTheDeviceTheCallTheReasonAndTheRemedy() {
        ErrnoException e = new ErrnoException("ioctl TUNSETIFF", "mpq1", Errno.EBUSY, "find the other process");

        assertEquals(
                "mpq1: ioctl TUNSETIFF failed: EBUSY (device or resource busy): find the other process",
                e.getMessage());
        assertEquals("ioctl TUNSETIFF", e.call());
        assertEquals("mpq1", e.device());
        assertEquals(16, e.errno());
    }

    @Test
    void anErrorWithoutANameIsGivenAsANumber() {
        assertEquals("mpq1: read failed: errno 133", new ErrnoException("read", "mpq1", 133, "").getMessage());
    }

    @Test
    void aMissingRightIsNamedWithTheWaysToGiveIt() {
        String open = Remedy.attach(Errno.EPERM, "mpq1");
        String bind = Remedy.bindToDevice(Errno.EPERM);

        assertTrue(open.contains("lacks CAP_NET_ADMIN"), open);
        assertTrue(open.contains("AmbientCapabilities=CAP_NET_ADMIN"), open);
        assertTrue(open.contains("ip tuntap add dev mpq1 mode tun user"), open);
        assertTrue(bind.contains("lacks CAP_NET_RAW"), bind);
        assertTrue(bind.contains("--cap-add NET_RAW"), bind);
    }

    @Test
    void everyCommonReasonHasARemedyOfItsOwn() {
        assertTrue(Remedy.openDeviceNode(Errno.ENOENT).contains("modprobe tun"));
        assertTrue(Remedy.openDeviceNode(Errno.EACCES).contains("chmod"));
        assertTrue(Remedy.openDeviceNode(Errno.EMFILE).contains("ulimit"));
        assertTrue(Remedy.attach(Errno.EBUSY, "mpq1").contains("another process"));
        assertTrue(Remedy.attach(Errno.EINVAL, "mpq1").contains("no TUN device"));
        assertTrue(Remedy.use(Errno.EBADFD).contains("deleted"));
        assertTrue(Remedy.bindToDevice(Errno.ENODEV).contains("no such interface"));
    }
}
