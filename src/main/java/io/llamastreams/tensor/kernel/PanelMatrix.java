package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * A weight matrix [rows, columns] laid out for products: panels of 32 rows in which the rows lie side by side, so that one
 * vector load takes the same k of consecutive rows. The numbers are those of the file, still quantised; a last panel that
 * is not full is filled up with zeros.
 *
 * <pre>
 * F32, F16, BF16   [k][32 rows]
 * Q8_0             per block of 32 k:  f16 scale [32 rows]   byte [32 k][32 rows]
 * Q4_0             per block of 32 k:  f16 scale [32 rows]   byte [16][32 rows]   byte j: k = j low nibble, k = j + 16 high
 * </pre>
 *
 * Filled at load by {@link #packPanels}, from several threads if wanted; read-only afterwards.
 */
public final class PanelMatrix {
    public static final int PANEL_ROWS = 32;

    /** Numbers in a quantised block. */
    public static final int BLOCK = 32;

    /** Readers may load up to this many bytes past the end. */
    private static final int SLACK_BYTES = 64;

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final TensorType type;
    private final int rows;
    private final int columns;
    private final long panelBytes;
    private final MemorySegment data;

    /**
     * Takes memory for a matrix; the numbers are undefined until {@link #packPanels}.
     *
     * @throws IllegalArgumentException if a row of a quantised type is not whole blocks
     */
    public PanelMatrix(TensorType type, int rows, int columns, SegmentAllocator allocator) {
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        panelBytes = Math.multiplyExact(type.bytes(columns), (long) PANEL_ROWS);
        data = allocator.allocate(Math.multiplyExact(panelBytes, (long) panels()) + SLACK_BYTES, 64);
    }

    public TensorType type() {
        return type;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    public int panels() {
        return (rows + PANEL_ROWS - 1) / PANEL_ROWS;
    }

    /** Whether products take an input quantised to 8 bits. */
    public boolean isQuantised() {
        return type.blockElements() > 1;
    }

    public MemorySegment data() {
        return data;
    }

    public long panelOffset(int panel) {
        return panel * panelBytes;
    }

    /** Bytes of weights, without filling. */
    public long weightBytes() {
        return type.bytes(columns) * rows;
    }

    /**
     * Lays out panels {@code from} to {@code to} (exclusive).
     *
     * @param source the matrix row by row, as in a GGUF file
     * @throws IllegalArgumentException if an f16 number or scale is infinite or not a number; the message says where
     */
    public void packPanels(MemorySegment source, int from, int to) {
        for (int panel = from; panel < to; panel++) {
            int first = panel * PANEL_ROWS;
            int count = Math.min(PANEL_ROWS, rows - first);
            if (count < PANEL_ROWS) {
                data.asSlice(panelOffset(panel), panelBytes).fill((byte) 0);
            }
            for (int row = 0; row < count; row++) {
                long sourceOffset = (first + row) * type.bytes(columns);
                switch (type) {
                    case F32 -> packFloats(source, sourceOffset, panelOffset(panel), row);
                    case F16, BF16 -> packShorts(source, sourceOffset, panelOffset(panel), row, first + row);
                    case Q8_0 -> packBlocks(source, sourceOffset, panelOffset(panel), row, first + row, 32);
                    case Q4_0 -> packBlocks(source, sourceOffset, panelOffset(panel), row, first + row, 16);
                }
            }
        }
    }

    private void packFloats(MemorySegment source, long from, long panel, int row) {
        for (int k = 0; k < columns; k++) {
            data.set(FLOAT, panel + 4L * (k * PANEL_ROWS + row), source.get(FLOAT, from + 4L * k));
        }
    }

    private void packShorts(MemorySegment source, long from, long panel, int row, int matrixRow) {
        for (int k = 0; k < columns; k++) {
            short value = source.get(SHORT, from + 2L * k);
            if (type == TensorType.F16 && (value & 0x7c00) == 0x7c00) {
                throw new IllegalArgumentException("row " + matrixRow + ", column " + k
                        + ": expected a finite number, found " + Float.float16ToFloat(value));
            }
            data.set(SHORT, panel + 2L * (k * PANEL_ROWS + row), value);
        }
    }

    private void packBlocks(MemorySegment source, long from, long panel, int row, int matrixRow, int blockBytes) {
        for (int block = 0; block < columns / BLOCK; block++) {
            long in = from + (long) block * (2 + blockBytes);
            long out = panel + (long) block * PANEL_ROWS * (2 + blockBytes);
            short scale = source.get(SHORT, in);
            if ((scale & 0x7c00) == 0x7c00) {
                throw new IllegalArgumentException("row " + matrixRow + ", block " + block
                        + ": expected a finite scale, found " + Float.float16ToFloat(scale));
            }
            data.set(SHORT, out + 2L * row, scale);
            for (int j = 0; j < blockBytes; j++) {
                data.set(BYTE, out + 2L * PANEL_ROWS + (long) j * PANEL_ROWS + row, source.get(BYTE, in + 2 + j));
            }
        }
    }

    /** Reads one row as floats: {@code columns} numbers from {@code outOffset}. */
    public void readRow(int row, float[] out, int outOffset) {
        long panel = panelOffset(row / PANEL_ROWS);
        int r = row % PANEL_ROWS;
        for (int k = 0; k < columns; k++) {
            out[outOffset + k] = read(panel, r, k);
        }
    }

    private float read(long panel, int row, int k) {
        return switch (type) {
            case F32 -> data.get(FLOAT, panel + 4L * (k * PANEL_ROWS + row));
            case F16 -> Float.float16ToFloat(data.get(SHORT, panel + 2L * (k * PANEL_ROWS + row)));
            case BF16 -> Float.intBitsToFloat(data.get(SHORT, panel + 2L * (k * PANEL_ROWS + row)) << 16);
            case Q8_0 -> {
                long block = panel + (long) (k / BLOCK) * PANEL_ROWS * 34;
                float scale = Float.float16ToFloat(data.get(SHORT, block + 2L * row));
                yield scale * data.get(BYTE, block + 64 + (long) (k % BLOCK) * PANEL_ROWS + row);
            }
            case Q4_0 -> {
                long block = panel + (long) (k / BLOCK) * PANEL_ROWS * 18;
                float scale = Float.float16ToFloat(data.get(SHORT, block + 2L * row));
                int j = k % 16;
                int bits = data.get(BYTE, block + 64 + (long) j * PANEL_ROWS + row) & 0xff;
                yield scale * ((k % BLOCK < 16 ? bits & 15 : bits >> 4) - 8);
            }
        };
    }
}
