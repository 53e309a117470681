package io.llamastreams.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The fast way of laying out a panel against the byte by byte one, and both against the numbers that come out. */
class PanelPackerTest {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;

    /** Of plain rows; around whole cache lines of 2 and of 4 bytes a number. */
    private static final int[] COLUMNS = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 257};

    private static final int[] BLOCKS = {1, 2, 3, 8, 11};

    private final Random random = new Random(4);

    @Test
    void fullPanelsAreTheirRowsPackedOneByOne() {
        for (TensorType type : TensorType.values()) {
            for (int columns : type.blockElements() == 1 ? COLUMNS : BLOCKS) {
                compare(type, columns * type.blockElements());
            }
        }
    }

    private void compare(TensorType type, int columns) {
        long rowBytes = type.bytes(columns);
        long panelBytes = rowBytes * ROWS;
        try (Arena arena = Arena.ofConfined()) {
            // Odd offsets: neither a file's rows nor the panel need be aligned.
            MemorySegment rows = randomBytes(panelBytes + 3, arena);
            MemorySegment fast = arena.allocate(panelBytes + 15, 64);
            MemorySegment slow = arena.allocate(panelBytes + 15, 64);
            fast.fill((byte) 0x5a);
            slow.fill((byte) 0x5a);
            PanelPacker.packFull(type, rows, 3, columns, fast, 7);
            for (int row = 0; row < ROWS; row++) {
                PanelPacker.packRow(type, rows, 3 + row * rowBytes, columns, slow, 7, row);
            }
            assertThat(fast.mismatch(slow)).as("%s, %d columns", type, columns).isEqualTo(-1);
        }
    }

    @Test
    void everyByteOfARowHasAPlaceOfItsOwn() {
        for (TensorType type : TensorType.values()) {
            int columns = 2 * ROWS;
            long rowBytes = type.bytes(columns);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment ones = arena.allocate(rowBytes * ROWS);
                ones.fill((byte) 0xff);
                MemorySegment panel = arena.allocate(rowBytes * ROWS);
                for (int row = 0; row < ROWS; row++) {
                    PanelPacker.packRow(type, ones, row * rowBytes, columns, panel, 0, row);
                    assertThat(bytesNotZero(panel)).as("%s, row %d", type, row).isEqualTo((row + 1) * rowBytes);
                }
            }
        }
    }

    private static long bytesNotZero(MemorySegment segment) {
        return segment.elements(ValueLayout.JAVA_BYTE)
                .filter(element -> element.get(ValueLayout.JAVA_BYTE, 0) != 0)
                .count();
    }

    @Test
    void rowsThatAPanelLacksAreZeros() {
        for (TensorType type : TensorType.values()) {
            int columns = 3 * 32;
            long rowBytes = type.bytes(columns);
            for (int count : new int[] {1, 5, 8, 31}) {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment rows = arena.allocate(rowBytes * ROWS);
                    rows.asSlice(0, rowBytes * count).copyFrom(randomBytes(rowBytes * count, arena));
                    MemorySegment full = arena.allocate(rowBytes * ROWS);
                    MemorySegment short_ = arena.allocate(rowBytes * ROWS);
                    short_.fill((byte) 0x5a);
                    PanelPacker.pack(type, rows, 0, ROWS, columns, full, 0);
                    PanelPacker.pack(type, rows.asSlice(0, rowBytes * count), 0, count, columns, short_, 0);
                    assertThat(short_.mismatch(full))
                            .as("%s, %d rows", type, count)
                            .isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void whatIsReadBackAreTheNumbersOfTheFile() {
        for (TensorType type : TensorType.values()) {
            int rows = 70;
            int columns = 96;
            try (Arena arena = Arena.ofConfined()) {
                float[] numbers = new float[rows * columns];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = (float) random.nextGaussian();
                }
                MemorySegment file = arena.allocate(type.bytes(columns) * rows);
                BlockFormats.encode(type, numbers, 0, numbers.length, file, 0);
                PanelMatrix matrix = new PanelMatrix(type, rows, columns, arena);
                matrix.packPanels(file, 0, matrix.panels());
                RowMatrix inFileOrder = new RowMatrix(type, rows, columns, file);
                float[] expected = new float[columns];
                float[] packed = new float[columns];
                float[] unpacked = new float[columns];
                for (int row = 0; row < rows; row++) {
                    BlockFormats.decode(type, file, row * type.bytes(columns), expected, 0, columns);
                    matrix.readRow(row, packed, 0);
                    inFileOrder.readRow(row, unpacked, 0);
                    assertThat(packed).as("%s, row %d", type, row).isEqualTo(expected);
                    assertThat(unpacked).as("%s, row %d", type, row).isEqualTo(expected);
                }
            }
        }
    }

    private MemorySegment randomBytes(long count, Arena arena) {
        byte[] bytes = new byte[Math.toIntExact(count)];
        random.nextBytes(bytes);
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }
}
