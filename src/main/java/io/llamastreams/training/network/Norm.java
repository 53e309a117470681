package io.llamastreams.training.network;

import io.llamastreams.tensor.kernel.TrainingKernels;

/**
 * RMSNorm and its gradient. Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", eq. 4:
 * {@code y = x r w} with {@code r = 1 / sqrt(mean(x^2) + epsilon)}, hence
 * {@code dx = r w dy - x r^3 / n sum(x w dy)} and {@code dw = sum over rows of x r dy}.
 */
final class Norm {
    private final TrainingKernels kernels;
    private final int at;
    private final int width;
    private final float epsilon;

    /** @param at where the weights lie among the parameters, and their gradient among the gradients */
    Norm(TrainingKernels kernels, int at, int width, float epsilon) {
        this.kernels = kernels;
        this.at = at;
        this.width = width;
        this.epsilon = epsilon;
    }

    /**
     * Normalises a row.
     *
     * @return r, which the gradients need
     */
    float forward(float[] weights, float[] x, int xAt, float[] y, int yAt) {
        float mean = kernels.dot(x, xAt, x, xAt, width) / width;
        float r = 1f / (float) Math.sqrt(mean + epsilon);
        for (int i = 0; i < width; i++) {
            y[yAt + i] = x[xAt + i] * r * weights[at + i];
        }
        return r;
    }

    /** Adds the gradient with respect to a row's input to {@code dx}; {@code dy} is overwritten. */
    void addToInput(float[] weights, float[] x, int xAt, float r, float[] dy, int dyAt, float[] dx, int dxAt) {
        for (int i = 0; i < width; i++) {
            dy[dyAt + i] *= weights[at + i];
        }
        float factor = r * r * r / width * kernels.dot(x, xAt, dy, dyAt, width);
        for (int i = 0; i < width; i++) {
            dx[dxAt + i] += r * dy[dyAt + i] - factor * x[xAt + i];
        }
    }

    /** Adds the gradient with respect to weights {@code from} to {@code to} (exclusive) over rows 0 to {@code rows}. */
    void addToWeights(float[] x, float[] r, float[] dy, int rows, float[] gradients, int from, int to) {
        for (int row = 0; row < rows; row++) {
            float scale = r[row];
            int rowAt = row * width;
            for (int i = from; i < to; i++) {
                gradients[at + i] += dy[rowAt + i] * x[rowAt + i] * scale;
            }
        }
    }
}
