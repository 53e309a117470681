package io.llamastreams.tensor.kernel;

/**
 * The operations that training needs besides those of a forward pass. All implementations give equal bits for equal
 * arguments. Stateless: any thread, and several at once as long as what they write does not overlap. Nothing here allocates.
 *
 * <p>Products are made of panels: 32 numbers side by side for each k, {@code [count][32]}. An element of a product is one sum
 * over k in order, one fused multiply-add per step, that starts with what {@code out} has; so neither the vectors' width nor
 * how the work is cut can change a bit.
 */
public interface TrainingKernels {

    /** Numbers of a panel that lie side by side. */
    int PANEL = PanelMatrix.PANEL_ROWS;

    /**
     * Adds the products of a panel with rows of {@code x}: {@code out[n][m] += sum over k of panel[k][m] * x[n][k]}.
     *
     * @param panel [count][32] from {@code panelAt}
     * @param x row n begins at {@code xAt + n * xStride}
     * @param rows of x, and of {@code out}
     * @param out row n begins at {@code outAt + n * outStride} and has 32 numbers
     */
    void addRowProducts(
            float[] panel,
            int panelAt,
            int count,
            float[] x,
            int xAt,
            int xStride,
            int rows,
            float[] out,
            int outAt,
            int outStride);

    /**
     * Adds the products of a panel with columns of {@code x}: {@code out[n][m] += sum over k of panel[k][m] * x[k][n]}.
     *
     * @param panel [count][32] from {@code panelAt}
     * @param x number n of row k lies at {@code xAt + k * xStride + n}
     * @param columns of x, rows of {@code out}
     * @param out row n begins at {@code outAt + n * outStride} and has 32 numbers
     */
    void addColumnProducts(
            float[] panel,
            int panelAt,
            int count,
            float[] x,
            int xAt,
            int xStride,
            int columns,
            float[] out,
            int outAt,
            int outStride);

    /** Sum of products of two rows of {@code length} numbers, in 16 virtual lanes and one fixed tree. */
    float dot(float[] x, int xAt, float[] y, int yAt, int length);

    /**
     * {@code x = exp(x) / sum(exp(x))} over {@code length} numbers, at least one.
     *
     * @return log(sum(exp(x))) of the numbers as they were
     */
    float softmaxInPlace(float[] x, int at, int length);

    /** {@code out = gate * sigmoid(gate) * up}. Source: Shazeer 2020, "GLU Variants Improve Transformer", eq. 6. */
    void swiglu(float[] gate, int gateAt, float[] up, int upAt, float[] out, int outAt, int length);

    /**
     * Gradient of {@link #swiglu}.
     *
     * @param gradient with respect to its output, {@code length} numbers
     * @param toGate gradient with respect to gate; {@code toUp} likewise
     */
    void swigluGradient(
            float[] gate,
            int gateAt,
            float[] up,
            int upAt,
            float[] gradient,
            int gradientAt,
            float[] toGate,
            int toGateAt,
            float[] toUp,
            int toUpAt,
            int length);
}
