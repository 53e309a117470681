package io.llamastreams.tensor.quant;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class FiniteNumbersTest {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final int LARGEST = 0x7bff;
    private static final int INFINITE = 0x7c00;
    private static final int NEGATIVE_INFINITE = 0xfc00;
    private static final int NAN = 0x7e01;

    @Test
    void namesRowAndColumnOfANumberWhereverItStands() {
        int rows = 3;
        int columns = 7;
        try (Arena arena = Arena.ofConfined()) {
            for (int bad : new int[] {INFINITE, NEGATIVE_INFINITE, NAN}) {
                for (int place = 0; place < rows * columns; place++) {
                    MemorySegment data = filled(arena, rows * columns + 1);
                    data.set(SHORT, 2 + 2L * place, (short) bad);
                    assertThatThrownBy(() -> FiniteNumbers.require(TensorType.F16, data, 2, 32, rows, columns))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("row " + (32 + place / columns) + ", column " + place % columns
                                    + ": expected a finite number, found " + Float.float16ToFloat((short) bad));
                }
            }
        }
    }

    @Test
    void namesRowAndBlockOfAScale() {
        for (TensorType type : new TensorType[] {TensorType.Q8_0, TensorType.Q4_0}) {
            int rows = 3;
            int blocks = 2;
            try (Arena arena = Arena.ofConfined()) {
                for (int place = 0; place < rows * blocks; place++) {
                    // The other bytes are those of NaNs, and fine as quantised numbers.
                    MemorySegment data = arena.allocate((long) rows * blocks * type.blockBytes());
                    data.fill((byte) 0x7f);
                    for (int block = 0; block < rows * blocks; block++) {
                        data.set(SHORT, (long) block * type.blockBytes(), (short) (block == place ? NAN : LARGEST));
                    }
                    String expected = "row " + (64 + place / blocks) + ", block " + place % blocks
                            + ": expected a finite scale, found NaN";
                    assertThatThrownBy(() -> FiniteNumbers.require(type, data, 0, 64, rows, blocks * 32))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage(expected);
                }
            }
        }
    }

    @Test
    void takesAllFiniteNumbersAndWhatIsNoF16() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(2L * 0x10000);
            int count = 0;
            for (int bits = 0; bits < 0x10000; bits++) {
                if (Float.isFinite(Float.float16ToFloat((short) bits))) {
                    all.set(SHORT, 2L * count++, (short) bits);
                }
            }
            int finite = count;
            assertThatCode(() -> FiniteNumbers.require(TensorType.F16, all, 0, 0, 1, finite))
                    .doesNotThrowAnyException();
            MemorySegment infinite = arena.allocate(64);
            infinite.fill((byte) 0x7f);
            for (TensorType type : new TensorType[] {TensorType.F32, TensorType.BF16}) {
                assertThatCode(() -> FiniteNumbers.require(type, infinite, 0, 0, 2, 8))
                        .doesNotThrowAnyException();
            }
        }
    }

    private static MemorySegment filled(Arena arena, int numbers) {
        MemorySegment data = arena.allocate(2L * numbers);
        for (int i = 0; i < numbers; i++) {
            data.set(SHORT, 2L * i, (short) LARGEST);
        }
        return data;
    }
}
