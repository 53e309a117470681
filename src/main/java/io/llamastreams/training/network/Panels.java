package io.llamastreams.training.network;

import io.llamastreams.tensor.kernel.TrainingKernels;

/**
 * One side of matrix products as {@link TrainingKernels} reads it: for each k, 32 numbers side by side.
 *
 * <pre>
 * [panel][k][32 members]     member m of the matrix lies in panel m / 32; a last panel that is not full ends with zeros
 * </pre>
 *
 * The memory is taken once for the largest use and shaped anew by {@link #shape}.
 */
final class Panels {
    private static final int PANEL = TrainingKernels.PANEL;

    private final float[] data;
    private int members;
    private int depth;

    /** @param maxMembers times {@code maxDepth}: the most that will be held */
    Panels(int maxMembers, int maxDepth) {
        data = new float[Math.multiplyExact(Math.multiplyExact(panels(maxMembers), PANEL), maxDepth)];
        shape(maxMembers, maxDepth);
    }

    /** @param newDepth numbers of a member: values of k */
    Panels shape(int newMembers, int newDepth) {
        members = newMembers;
        depth = newDepth;
        return this;
    }

    static int panels(int members) {
        return (members + PANEL - 1) / PANEL;
    }

    int panels() {
        return panels(members);
    }

    private int offset(int panel) {
        return panel * PANEL * depth;
    }

    private int count(int panel) {
        return Math.min(PANEL, members - panel * PANEL);
    }

    /** Takes members that are rows: number k of member m lies at {@code at + m * stride + k}, and is multiplied by scale. */
    void packRows(float[] source, int at, int stride, float scale, int fromPanel, int toPanel) {
        for (int panel = fromPanel; panel < toPanel; panel++) {
            int to = offset(panel);
            int count = count(panel);
            clearUnlessFull(panel);
            for (int m = 0; m < count; m++) {
                int from = at + (panel * PANEL + m) * stride;
                for (int k = 0; k < depth; k++) {
                    data[to + k * PANEL + m] = source[from + k] * scale;
                }
            }
        }
    }

    /** Takes members that are columns: number k of member m lies at {@code at + k * stride + m}, and is multiplied by scale. */
    void packColumns(float[] source, int at, int stride, float scale, int fromPanel, int toPanel) {
        for (int panel = fromPanel; panel < toPanel; panel++) {
            int to = offset(panel);
            int count = count(panel);
            clearUnlessFull(panel);
            for (int k = 0; k < depth; k++) {
                System.arraycopy(source, at + k * stride + panel * PANEL, data, to + k * PANEL, count);
            }
            if (scale != 1f) {
                for (int i = to; i < to + depth * PANEL; i++) {
                    data[i] *= scale;
                }
            }
        }
    }

    private void clearUnlessFull(int panel) {
        if (count(panel) < PANEL) {
            java.util.Arrays.fill(data, offset(panel), offset(panel) + PANEL * depth, 0f);
        }
    }

    /**
     * {@code out[n][m] += sum over k below count of member[m][k] * x[n][k]} for the members m of these panels.
     *
     * @param count at most the depth
     * @param edge of this thread, at least rows * 32 numbers
     */
    void addRowProducts(
            TrainingKernels kernels,
            int fromPanel,
            int toPanel,
            int count,
            float[] x,
            int xAt,
            int xStride,
            int rows,
            float[] out,
            int outAt,
            int outStride,
            float[] edge) {
        for (int panel = fromPanel; panel < toPanel; panel++) {
            int at = outAt + panel * PANEL;
            if (count(panel) == PANEL) {
                kernels.addRowProducts(data, offset(panel), count, x, xAt, xStride, rows, out, at, outStride);
            } else {
                copyIn(out, at, outStride, rows, count(panel), edge);
                kernels.addRowProducts(data, offset(panel), count, x, xAt, xStride, rows, edge, 0, PANEL);
                copyOut(edge, rows, count(panel), out, at, outStride);
            }
        }
    }

    /** {@code out[n][m] += sum over k of member[m][k] * x[k][n]} for the members m of these panels; else as above. */
    void addColumnProducts(
            TrainingKernels kernels,
            int fromPanel,
            int toPanel,
            int count,
            float[] x,
            int xAt,
            int xStride,
            int columns,
            float[] out,
            int outAt,
            int outStride,
            float[] edge) {
        for (int panel = fromPanel; panel < toPanel; panel++) {
            int at = outAt + panel * PANEL;
            if (count(panel) == PANEL) {
                kernels.addColumnProducts(data, offset(panel), count, x, xAt, xStride, columns, out, at, outStride);
            } else {
                copyIn(out, at, outStride, columns, count(panel), edge);
                kernels.addColumnProducts(data, offset(panel), count, x, xAt, xStride, columns, edge, 0, PANEL);
                copyOut(edge, columns, count(panel), out, at, outStride);
            }
        }
    }

    private static void copyIn(float[] out, int at, int stride, int rows, int count, float[] edge) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(out, at + row * stride, edge, row * PANEL, count);
        }
    }

    private static void copyOut(float[] edge, int rows, int count, float[] out, int at, int stride) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(edge, row * PANEL, out, at + row * stride, count);
        }
    }
}
