package io.llamastreams.model.load;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory for the weights of a model. Much of it comes from the C library, because an arena clears what it gives, on one
 * thread, which takes as long as reading the file; and in large pages where the system has them (Linux: THP, unless
 * switched off), which are faster to get and to read. Where that cannot be had, it is the arena's own.
 *
 * <p>Contents are undefined. The threads that write a page first decide on which memory node it lies.
 */
final class WeightMemory {
    /** Below this, calling C costs more than it saves. */
    private static final long WORTH_CALLING = 64L << 20;

    private static final long LARGE_PAGE = 2L << 20;

    /** {@code MADV_HUGEPAGE} of Linux; other systems refuse the number, which does no harm. */
    private static final int LARGE_PAGES_WANTED = 14;

    private WeightMemory() {}

    /**
     * Takes memory, aligned to 64 bytes at least.
     *
     * @param owner gives it back when it is closed
     * @throws OutOfMemoryError if it is not there
     */
    static MemorySegment allocate(long bytes, Arena owner) {
        if (bytes >= WORTH_CALLING && WeightMemory.class.getModule().isNativeAccessEnabled()) {
            SymbolLookup functions = Linker.nativeLinker().defaultLookup();
            if (functions.find("aligned_alloc").isPresent()
                    && functions.find("madvise").isPresent()) {
                return fromLibrary(bytes, owner);
            }
        }
        return owner.allocate(bytes, 64);
    }

    @SuppressWarnings("restricted") // the segment's size is what was asked for
    private static MemorySegment fromLibrary(long bytes, Arena owner) {
        MethodHandle take =
                function("aligned_alloc", ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
        MethodHandle advise = function(
                "madvise", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
        MethodHandle give =
                Linker.nativeLinker().downcallHandle(address("free"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        long whole = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
        try {
            MemorySegment memory = (MemorySegment) take.invokeExact(LARGE_PAGE, whole);
            if (memory.address() == 0) {
                throw new OutOfMemoryError("weights: expected " + whole + " bytes off the heap");
            }
            MemorySegment owned = memory.reinterpret(bytes, owner, segment -> giveBack(give, segment));
            int unused = (int) advise.invokeExact(memory, whole, LARGE_PAGES_WANTED);
            return owned;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void giveBack(MethodHandle free, MemorySegment memory) {
        try {
            free.invokeExact(memory);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("restricted") // names and parameters are those of POSIX and C
    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
        return Linker.nativeLinker().downcallHandle(address(name), FunctionDescriptor.of(result, parameters));
    }

    private static MemorySegment address(String name) {
        return Linker.nativeLinker()
                .defaultLookup()
                .find(name)
                .orElseThrow(() -> new IllegalStateException("no function " + name));
    }
}
