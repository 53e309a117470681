package io.llamastreams.training.network;

import io.llamastreams.tensor.kernel.TrainingKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.Arrays;

/**
 * A matrix of the network and its three products: output from input, input's gradient from output's, and its own gradient.
 *
 * <pre>
 * forward      y[t][o]  = sum over i of w[o][i] x[t][i]
 * to input    dx[t][i]  = sum over o of w[o][i] dy[t][o]
 * to weights  dw[o][i] += sum over t of dy[t][o] x[t][i]
 * </pre>
 */
final class Linear {
    /** Tokens whose part of a weight's gradient is summed before the next: a panel of them stays in the first-level cache. */
    private static final int CHUNK = 256;

    /** Outputs that one piece of work sums the gradients of. */
    private static final int OUTPUTS = 256;

    private final TrainingKernels kernels;
    private final int at;
    private final int outputs;
    private final int inputs;
    private final Panels forward;
    private final Panels backward;

    /** @param at where the matrix [outputs, inputs] lies among the parameters, and its gradient among the gradients */
    Linear(TrainingKernels kernels, int at, int outputs, int inputs) {
        this.kernels = kernels;
        this.at = at;
        this.outputs = outputs;
        this.inputs = inputs;
        forward = new Panels(outputs, inputs);
        backward = new Panels(inputs, outputs);
    }

    /** Lays the weights out anew; after each change of them. */
    void pack(float[] weights, WorkerPool pool) {
        pool.run((thread, from, to) -> forward.packRows(weights, at, inputs, 1f, from, to), forward.panels());
        pool.run((thread, from, to) -> backward.packColumns(weights, at, inputs, 1f, from, to), backward.panels());
    }

    /** Adds the outputs of rows {@code from} to {@code to} (exclusive) to {@code y}, [.., outputs]. */
    void addForward(float[] x, float[] y, int from, int to, float[] edge) {
        forward.addRowProducts(
                kernels,
                0,
                forward.panels(),
                inputs,
                x,
                from * inputs,
                inputs,
                to - from,
                y,
                from * outputs,
                outputs,
                edge);
    }

    /** Outputs of rows {@code from} to {@code to} (exclusive). */
    void forward(float[] x, float[] y, int from, int to, float[] edge) {
        Arrays.fill(y, from * outputs, to * outputs, 0f);
        addForward(x, y, from, to, edge);
    }

    /** Gradient with respect to the inputs of rows {@code from} to {@code to} (exclusive). */
    void toInput(float[] dy, float[] dx, int from, int to, float[] edge) {
        Arrays.fill(dx, from * inputs, to * inputs, 0f);
        backward.addRowProducts(
                kernels,
                0,
                backward.panels(),
                outputs,
                dy,
                from * outputs,
                outputs,
                to - from,
                dx,
                from * inputs,
                inputs,
                edge);
    }

    /**
     * Adds the gradient with respect to the weights over {@code rows} rows; on all threads.
     *
     * @param x [rows, inputs]; {@code dy} [rows, outputs]
     */
    void addToWeights(float[] x, float[] dy, int rows, float[] gradients, WorkerPool pool, Scratch[] scratch) {
        int panels = Panels.panels(inputs);
        int parts = (outputs + OUTPUTS - 1) / OUTPUTS;
        pool.run(
                (thread, from, to) -> {
                    for (int item = from; item < to; item++) {
                        addPart(x, dy, rows, item / parts, item % parts, gradients, scratch[thread]);
                    }
                },
                panels * parts);
    }

    private void addPart(float[] x, float[] dy, int rows, int panel, int part, float[] gradients, Scratch scratch) {
        int firstInput = panel * TrainingKernels.PANEL;
        int firstOutput = part * OUTPUTS;
        int count = Math.min(OUTPUTS, outputs - firstOutput);
        int width = Math.min(TrainingKernels.PANEL, inputs - firstInput);
        for (int row = 0; row < rows; row += CHUNK) {
            int depth = Math.min(CHUNK, rows - row);
            Panels columns = scratch.inputs.shape(width, depth);
            columns.packColumns(x, row * inputs + firstInput, inputs, 1f, 0, 1);
            columns.addColumnProducts(
                    kernels,
                    0,
                    1,
                    depth,
                    dy,
                    row * outputs + firstOutput,
                    outputs,
                    count,
                    gradients,
                    at + firstOutput * inputs + firstInput,
                    inputs,
                    scratch.edge);
        }
    }

    /** Working memory of one thread. */
    static final class Scratch {
        private final Panels inputs = new Panels(TrainingKernels.PANEL, CHUNK);
        final float[] edge;

        /** @param maxRows most rows that one call of a forward or backward product gets */
        Scratch(int maxRows) {
            edge = new float[Math.max(maxRows, OUTPUTS) * TrainingKernels.PANEL];
        }
    }
}
