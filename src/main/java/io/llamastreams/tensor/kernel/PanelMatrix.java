package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.quant.FiniteNumbers;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * A weight matrix [rows, columns] laid out for products: panels of 32 rows in which the rows lie side by side, so that one
 * vector load takes the same k of consecutive rows. The numbers are those of the file, still quantised; a last panel that
 * is not full is filled up with zeros. Each element of each field of {@link TensorType#format} is there for 32 rows in turn:
 *
 * <pre>
 * F32, F16, BF16   [k][32 rows]
 * Q8_0             per block of 32 k:  f16 scale [32 rows]   byte [32 k][32 rows]
 * Q4_0             per block of 32 k:  f16 scale [32 rows]   byte [16][32 rows]   byte j: k = j low nibble, k = j + 16 high
 * </pre>
 *
 * Filled at load by {@link #packPanels}, from several threads if wanted; read-only afterwards.
 */
public final class PanelMatrix implements WeightMatrix {
    public static final int PANEL_ROWS = 32;

    /** Numbers in a quantised block. */
    public static final int BLOCK = 32;

    /** Readers may load up to this many bytes past the end. */
    private static final int SLACK_BYTES = 64;

    private static final int ALIGNMENT = 64;

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
        data = allocator.allocate(packedBytes(type, rows, columns), ALIGNMENT);
    }

    private PanelMatrix(TensorType type, int rows, int columns, MemorySegment data) {
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        panelBytes = 0;
        this.data = data;
    }

    /**
     * A matrix all of whose panels lie in the same place, which so holds the one that was packed last.
     *
     * @param memory at least {@link #windowBytes} of it
     */
    static PanelMatrix window(TensorType type, int rows, int columns, MemorySegment memory) {
        return new PanelMatrix(type, rows, columns, memory.asSlice(0, windowBytes(type, columns)));
    }

    /** Bytes of memory that a matrix takes, with its filling. */
    public static long packedBytes(TensorType type, int rows, int columns) {
        int panels = (rows + PANEL_ROWS - 1) / PANEL_ROWS;
        return Math.multiplyExact(Math.multiplyExact(type.bytes(columns), (long) PANEL_ROWS), (long) panels)
                + SLACK_BYTES;
    }

    /** Bytes of memory that a window takes. */
    public static long windowBytes(TensorType type, int columns) {
        return Math.multiplyExact(type.bytes(columns), (long) PANEL_ROWS) + SLACK_BYTES;
    }

    @Override
    public TensorType type() {
        return type;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    public MemorySegment data() {
        return data;
    }

    public long panelOffset(int panel) {
        return panel * panelBytes;
    }

    /**
     * Lays out panels {@code from} to {@code to} (exclusive).
     *
     * @param source the matrix row by row, as in a GGUF file
     * @throws IllegalArgumentException if an f16 number or scale is infinite or not a number; the message says where
     */
    public void packPanels(MemorySegment source, int from, int to) {
        for (int panel = from; panel < to; panel++) {
            packPanel(panel, source, (long) panel * PANEL_ROWS * type.bytes(columns));
        }
    }

    /**
     * Lays out one panel.
     *
     * @param source its rows one after another, from {@code sourceOffset} on
     * @throws IllegalArgumentException as {@link #packPanels} does
     */
    public void packPanel(int panel, MemorySegment source, long sourceOffset) {
        int first = panel * PANEL_ROWS;
        int count = Math.min(PANEL_ROWS, rows - first);
        FiniteNumbers.require(type, source, sourceOffset, first, count, columns);
        PanelPacker.pack(type, source, sourceOffset, count, columns, data, panelOffset(panel));
    }

    @Override
    public void readRow(int row, float[] out, int outOffset) {
        long panel = panelOffset(row / PANEL_ROWS);
        int blocks = columns / type.blockElements();
        type.format().decode(data, panel, PANEL_ROWS, row % PANEL_ROWS, blocks, out, outOffset);
    }
}
