package io.llamastreams.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Working memory of one thread in {@link Kernels#multiply}: weights of a panel as floats, the sums of its rows, and room for a
 * panel of a matrix in file order.
 */
public final class MultiplyScratch {
    /** Numbers of a weight row that are turned into floats at a time: 32 rows of them fill most of a first-level cache. */
    public static final int CHUNK = 256;

    private static final long LINE_BYTES = 64;

    /** Plain weights of 32 rows, [CHUNK][32] of floats, at whole lines of the cache as they are in panels. */
    public final MemorySegment plainTile;

    /** Whole numbers of quantised weights of 32 rows, [CHUNK][32]. */
    public final float[] tile = new float[CHUNK * PanelMatrix.PANEL_ROWS];

    /** The same as shorts. */
    public final short[] shortTile = new short[CHUNK * PanelMatrix.PANEL_ROWS];

    /** Scales of 32 rows, [CHUNK / 32][32]. */
    public final float[] scales = new float[CHUNK / PanelMatrix.BLOCK * PanelMatrix.PANEL_ROWS];

    /** Sums of blocks of a tile, [8 input rows][CHUNK / 32][32]. */
    public final short[] blockSums = new short[8 * CHUNK / PanelMatrix.BLOCK * PanelMatrix.PANEL_ROWS];

    /** Sums of upper bytes of blocks of one input row, [CHUNK / 32][32]. */
    public final short[] upperSums = new short[CHUNK / PanelMatrix.BLOCK * PanelMatrix.PANEL_ROWS];

    /** Sums, [input row][32]. */
    public final float[] sums;

    private final MemorySegment panelMemory;

    /** One for each shape that was met: a model has few. */
    private final List<PanelMatrix> windows = new ArrayList<>();

    private MultiplyScratch(int maxRows, SegmentAllocator memory, long windowBytes) {
        plainTile = memory.allocate(4L * CHUNK * PanelMatrix.PANEL_ROWS, LINE_BYTES);
        sums = new float[Math.multiplyExact(maxRows + 7, PanelMatrix.PANEL_ROWS)];
        panelMemory = memory.allocate(windowBytes, LINE_BYTES);
    }

    /**
     * For matrices that are laid out in panels.
     *
     * @param memory must outlive this
     */
    public static MultiplyScratch forRows(int maxRows, SegmentAllocator memory) {
        return new MultiplyScratch(maxRows, memory, 0);
    }

    /**
     * For matrices in file order as well.
     *
     * @param memory must outlive this
     * @param windowBytes {@link PanelMatrix#windowBytes} of the largest
     */
    public static MultiplyScratch forRows(int maxRows, SegmentAllocator memory, long windowBytes) {
        return new MultiplyScratch(maxRows, memory, windowBytes);
    }

    /**
     * Where panels of a matrix are laid out, one at a time.
     *
     * @throws IndexOutOfBoundsException if there is not room for it
     */
    PanelMatrix window(RowMatrix matrix) {
        for (PanelMatrix window : windows) {
            if (window.type() == matrix.type()
                    && window.rows() == matrix.rows()
                    && window.columns() == matrix.columns()) {
                return window;
            }
        }
        PanelMatrix window = PanelMatrix.window(matrix.type(), matrix.rows(), matrix.columns(), panelMemory);
        windows.add(window);
        return window;
    }
}
