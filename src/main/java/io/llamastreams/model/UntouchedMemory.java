package io.llamastreams.model;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory that nobody has written yet. An arena's own {@code allocate} fills it with zeros on the calling thread: all pages then
 * belong to that thread's NUMA node, and are made one after another. Here each page is made by the thread that writes it
 * first. Contents are undefined. Any thread; as long as the arena.
 */
final class UntouchedMemory implements SegmentAllocator {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MALLOC =
            function("malloc", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

    private final Arena arena;

    UntouchedMemory(Arena arena) {
        this.arena = arena;
    }

    /**
     * Takes memory until the arena is closed.
     *
     * @param byteAlignment a power of two
     * @throws OutOfMemoryError if it is not there
     */
    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        if (byteSize < 0 || Long.bitCount(byteAlignment) != 1) {
            throw new IllegalArgumentException(
                    "memory: expected a size and an alignment, found " + byteSize + " and " + byteAlignment);
        }
        MemorySegment all = malloc(Math.addExact(Math.max(1, byteSize), byteAlignment));
        long misaligned = all.address() & byteAlignment - 1;
        return all.asSlice(misaligned == 0 ? 0 : byteAlignment - misaligned, byteSize, byteAlignment);
    }

    @SuppressWarnings("restricted") // the segment is as long as what malloc gave, and freed once, by the arena
    private MemorySegment malloc(long bytes) {
        MemorySegment start = call(MALLOC, bytes);
        if (start.address() == 0) {
            throw new OutOfMemoryError("cannot take " + bytes + " bytes off the heap");
        }
        return start.reinterpret(bytes, arena, UntouchedMemory::free);
    }

    private static MemorySegment call(MethodHandle malloc, long bytes) {
        try {
            return (MemorySegment) malloc.invokeExact(bytes);
        } catch (Throwable e) {
            throw new IllegalStateException("malloc cannot be called", e);
        }
    }

    private static void free(MemorySegment memory) {
        try {
            FREE.invokeExact(memory);
        } catch (Throwable e) {
            throw new IllegalStateException("free cannot be called", e);
        }
    }

    @SuppressWarnings("restricted") // malloc and free of the C library, with the types that C gives them
    private static MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }
}
