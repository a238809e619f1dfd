package io.mpquic.tun.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Links functions of the C library so that their errno survives the way back into Java. */
final class Downcall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE_LAYOUT.byteOffset(PathElement.groupElement("errno"));

    // One a thread, so that a call allocates nothing and two threads never share an errno.
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));

    private Downcall() {}

    /**
     * A handle whose first argument is the {@link #state} of the calling thread.
     *
     * @throws UnsatisfiedLinkError when the C library lacks the function: this is not Linux
     */
    static MethodHandle link(String function, FunctionDescriptor signature, Linker.Option... options) {
        MemorySegment address = LINKER.defaultLookup()
                .find(function)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + function
                        + ": this needs Linux, not " + System.getProperty("os.name")));
        Linker.Option[] all = new Linker.Option[options.length + 1];
        all[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(options, 0, all, 1, options.length);
        return LINKER.downcallHandle(address, signature, all);
    }

    /** Where calls of this thread leave their errno. */
    static MemorySegment state() {
        return STATE.get();
    }

    /** The result of a call as the kernel has it: the value, or the negated errno. */
    static int result(MemorySegment state, int value) {
        return value >= 0 ? value : -state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }

    /** As {@link #result(MemorySegment, int)} for calls that return a {@code ssize_t} no larger than an int. */
    static int result(MemorySegment state, long value) {
        return value >= 0 ? (int) value : -state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }

    /** What a handle threw; the C function itself throws nothing, so it is a wrong argument or a broken JVM. */
    static RuntimeException thrown(Throwable cause) {
        return switch (cause) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(cause);
        };
    }
}
