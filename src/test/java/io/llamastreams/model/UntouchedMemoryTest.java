package io.llamastreams.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class UntouchedMemoryTest {
    private static final long MEGABYTE = 1 << 20;

    @Test
    void givesMemoryOfTheWantedSizeAndAlignmentUntilTheArenaIsClosed() {
        MemorySegment segment;
        try (Arena arena = Arena.ofShared()) {
            UntouchedMemory memory = new UntouchedMemory(arena);
            for (long size : new long[] {0, 1, 7, 64, 1000, 5 * MEGABYTE}) {
                for (long alignment : new long[] {1, 8, 64, 4096}) {
                    MemorySegment one = memory.allocate(size, alignment);
                    assertThat(one.byteSize()).isEqualTo(size);
                    assertThat(one.address() % alignment).isZero();
                    one.fill((byte) 42);
                }
            }
            segment = memory.allocate(8, 8);
            segment.set(ValueLayout.JAVA_LONG, 0, 123);
            assertThat(segment.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(123);
        }
        assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_LONG, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void rejectsWhatIsNoSizeAndWhatIsNotThere() {
        try (Arena arena = Arena.ofConfined()) {
            UntouchedMemory memory = new UntouchedMemory(arena);
            assertThatThrownBy(() -> memory.allocate(-1, 8)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> memory.allocate(8, 3)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> memory.allocate(1L << 60, 64))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessageContaining("bytes off the heap");
        }
    }

    @Test
    void takesNoPagesBeforeTheyAreWritten() throws IOException {
        Path status = Path.of("/proc/self/statm");
        Assumptions.assumeTrue(Files.isReadable(status), "needs Linux, which tells of a process's pages");
        try (Arena arena = Arena.ofConfined()) {
            long before = residentPages(status);
            MemorySegment segment = new UntouchedMemory(arena).allocate(1024 * MEGABYTE, 64);
            long allocated = residentPages(status);
            segment.asSlice(0, 512 * MEGABYTE).fill((byte) 1);
            long written = residentPages(status);
            // pages of 4 KiB or more; what else the JVM takes in the meantime is far less than half of it
            assertThat(allocated - before).isLessThan((written - allocated) / 2);
        }
    }

    private static long residentPages(Path statm) throws IOException {
        return Long.parseLong(Files.readString(statm).split(" ")[1]);
    }
}
