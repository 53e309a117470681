package io.llamastreams.tensor.kernel;

/** Working memory of one thread in {@link Kernels#multiply}: weights of a panel as floats, and the sums of its rows. */
public final class MultiplyScratch {
    /** Numbers of a weight row that are turned into floats at a time: 32 rows of them fill most of a first-level cache. */
    public static final int CHUNK = 256;

    /** Weights of 32 rows, [CHUNK][32]. */
    public final float[] tile = new float[CHUNK * PanelMatrix.PANEL_ROWS];

    /** The same as shorts. */
    public final short[] shortTile = new short[CHUNK * PanelMatrix.PANEL_ROWS];

    /** Scales of 32 rows, [CHUNK / 32][32]. */
    public final float[] scales = new float[CHUNK / PanelMatrix.BLOCK * PanelMatrix.PANEL_ROWS];

    /** Sums of blocks, [CHUNK / 32][32]. */
    public final short[] blockSums = new short[CHUNK / PanelMatrix.BLOCK * PanelMatrix.PANEL_ROWS];

    /** Sums of upper bytes of blocks, laid out likewise. */
    public final short[] upperSums = new short[blockSums.length];

    /** Sums, [input row][32]. */
    public final float[] sums;

    private MultiplyScratch(int maxRows) {
        sums = new float[Math.multiplyExact(maxRows + 7, PanelMatrix.PANEL_ROWS)];
    }

    public static MultiplyScratch forRows(int maxRows) {
        return new MultiplyScratch(maxRows);
    }
}
