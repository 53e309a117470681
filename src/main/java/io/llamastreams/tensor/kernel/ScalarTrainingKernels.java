package io.llamastreams.tensor.kernel;

/** The operations of training in plain loops: what every other implementation must equal. */
public final class ScalarTrainingKernels implements TrainingKernels {

    @Override
    public void addRowProducts(
            float[] panel,
            int panelAt,
            int count,
            float[] x,
            int xAt,
            int xStride,
            int rows,
            float[] out,
            int outAt,
            int outStride) {
        for (int n = 0; n < rows; n++) {
            for (int k = 0; k < count; k++) {
                addScaled(panel, panelAt + k * PANEL, x[xAt + n * xStride + k], out, outAt + n * outStride);
            }
        }
    }

    @Override
    public void addColumnProducts(
            float[] panel,
            int panelAt,
            int count,
            float[] x,
            int xAt,
            int xStride,
            int columns,
            float[] out,
            int outAt,
            int outStride) {
        for (int n = 0; n < columns; n++) {
            for (int k = 0; k < count; k++) {
                addScaled(panel, panelAt + k * PANEL, x[xAt + k * xStride + n], out, outAt + n * outStride);
            }
        }
    }

    private static void addScaled(float[] panel, int panelAt, float factor, float[] out, int outAt) {
        for (int m = 0; m < PANEL; m++) {
            out[outAt + m] = Math.fma(panel[panelAt + m], factor, out[outAt + m]);
        }
    }

    @Override
    public float dot(float[] x, int xAt, float[] y, int yAt, int length) {
        float[] lanes = new float[Kernels.LANES];
        for (int i = 0; i < length; i++) {
            lanes[i % Kernels.LANES] = Math.fma(x[xAt + i], y[yAt + i], lanes[i % Kernels.LANES]);
        }
        return tree(lanes);
    }

    /** The fixed tree of 16 lanes. */
    private static float tree(float[] lanes) {
        for (int stride = Kernels.LANES / 2; stride > 0; stride /= 2) {
            for (int i = 0; i < stride; i++) {
                lanes[i] += lanes[i + stride];
            }
        }
        return lanes[0];
    }

    @Override
    public float softmaxInPlace(float[] x, int at, int length) {
        float max = x[at];
        for (int i = 1; i < length; i++) {
            max = Math.max(max, x[at + i]);
        }
        float[] lanes = new float[Kernels.LANES];
        for (int i = 0; i < length; i++) {
            x[at + i] = ExactMath.exp(x[at + i] - max);
            lanes[i % Kernels.LANES] += x[at + i];
        }
        float sum = tree(lanes);
        float inverse = 1f / sum;
        for (int i = 0; i < length; i++) {
            x[at + i] *= inverse;
        }
        return max + (float) StrictMath.log(sum);
    }

    @Override
    public void swiglu(float[] gate, int gateAt, float[] up, int upAt, float[] out, int outAt, int length) {
        for (int i = 0; i < length; i++) {
            float g = gate[gateAt + i];
            out[outAt + i] = g / (ExactMath.exp(-g) + 1f) * up[upAt + i];
        }
    }

    @Override
    public void swigluGradient(
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
            int length) {
        for (int i = 0; i < length; i++) {
            float g = gate[gateAt + i];
            float d = gradient[gradientAt + i];
            float sigmoid = 1f / (ExactMath.exp(-g) + 1f);
            float slope = Math.fma(g, 1f - sigmoid, 1f) * sigmoid;
            toGate[toGateAt + i] = d * up[upAt + i] * slope;
            toUp[toUpAt + i] = d * (g * sigmoid);
        }
    }
}
