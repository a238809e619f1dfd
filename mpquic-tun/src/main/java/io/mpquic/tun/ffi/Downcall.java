package io.mpquic.tun.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * Calls functions of the C library so that their errno survives the way back into Java.
 *
 * <p>All of them go through one method handle, as if each took six longs and returned one. To the calling conventions of
 * x86-64 and AArch64 an int, a long and a pointer are the same: each has a register of its own, a function looks at as many
 * registers and at as much of each as it knows, and so does whoever takes its result. A handle for each signature would cost
 * some milliseconds of every start, in which the JVM makes classes for it.
 *
 * <p>Pointers are plain numbers. Who calls keeps the memory behind them reachable and alive.
 */
final class Downcall {
    /**
     * For open(2), fcntl(2) and ioctl(2), which are variadic in C: behind their second argument on x86-64 a function may look
     * at how many vector registers are used. It says none, which is true for all others as well.
     */
    private static final int FIRST_VARIADIC = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE_LAYOUT.byteOffset(PathElement.groupElement("errno"));
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"),
            Linker.Option.firstVariadicArg(FIRST_VARIADIC));

    // One a thread, so that a call allocates nothing and two threads never share an errno.
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));

    private Downcall() {}

    /**
     * A function, for {@link #call}.
     *
     * @throws UnsatisfiedLinkError when the C library lacks it: this is not Linux
     */
    static MemorySegment function(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError(
                        "the C library has no " + name + ": this needs Linux, not " + System.getProperty("os.name")));
    }

    /** Calls a function that takes one argument, as {@link #call(MemorySegment, long, long, long, long, long, long)}. */
    static int call(MemorySegment function, long a) {
        return call(function, a, 0, 0, 0, 0, 0);
    }

    /** Calls a function that takes two arguments. */
    static int call(MemorySegment function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0);
    }

    /** Calls a function that takes three arguments. */
    static int call(MemorySegment function, long a, long b, long c) {
        return call(function, a, b, c, 0, 0, 0);
    }

    /**
     * Calls a function that takes up to six integers or pointers, and returns an int, or a {@code ssize_t} that is no larger.
     *
     * @return the result as the kernel has it: the value, or the negated errno
     */
    static int call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
        MemorySegment state = STATE.get();
        try {
            int value = (int) (long) CALL.invokeExact(function, state, a, b, c, d, e, f);
            return value >= 0 ? value : -state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            // C throws nothing, so it is a broken JVM.
            throw new IllegalStateException(thrown);
        }
    }

    /**
     * The address of a part of native memory, all of which is there.
     *
     * @throws IllegalArgumentException when the memory is on the heap
     * @throws IllegalStateException when it was freed
     */
    static long pointer(MemorySegment memory, long offset, long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, memory.byteSize());
        if (!memory.isNative()) {
            throw new IllegalArgumentException("the kernel needs native memory");
        }
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException("the memory was freed");
        }
        return memory.address() + offset;
    }

    /** The address of native memory that is there. */
    static long pointer(MemorySegment memory) {
        return pointer(memory, 0, memory.byteSize());
    }
}
