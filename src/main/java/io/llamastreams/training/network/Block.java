package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.kernel.TrainingKernels;
import io.llamastreams.tensor.kernel.WorkerPool;

/** One transformer block: its matrices and norms, and what its forward pass keeps for the gradients. */
final class Block {
    final Norm attentionNorm;
    final Linear queryKeyValue;
    final Linear attentionOutput;
    final Norm feedForwardNorm;
    final Linear gateUp;
    final Linear down;

    /** Input of the attention's norm, [tokens, embedding]. */
    final float[] input;

    /** Input of the feed-forward's norm, [tokens, embedding]. */
    final float[] middle;

    /** What each norm divided by, [tokens]. */
    final float[] attentionScale;

    final float[] feedForwardScale;

    /** Outputs of the norms, [tokens, embedding]. */
    final float[] attentionNormed;

    final float[] feedForwardNormed;

    /** Queries, keys and values after RoPE, [tokens, queryWidth + 2 kvWidth]. */
    final float[] qkv;

    /** [tokens, queryWidth] */
    final float[] attended;

    /** Gate and up, [tokens, 2 feedForward], and their SwiGLU, [tokens, feedForward]. */
    final float[] gateAndUp;

    final float[] activated;

    Block(TrainingKernels kernels, ParameterLayout layout, int layer, int maxTokens) {
        LlamaConfig config = layout.config();
        int width = config.embeddingLength();
        int feedForward = config.feedForwardLength();
        attentionNorm = new Norm(kernels, layout.attentionNorm(layer), width, config.rmsEpsilon());
        queryKeyValue = new Linear(kernels, layout.queryKeyValue(layer), layout.qkvWidth(), width);
        attentionOutput = new Linear(kernels, layout.attentionOutput(layer), width, config.queryWidth());
        feedForwardNorm = new Norm(kernels, layout.feedForwardNorm(layer), width, config.rmsEpsilon());
        gateUp = new Linear(kernels, layout.gateUp(layer), 2 * feedForward, width);
        down = new Linear(kernels, layout.down(layer), width, feedForward);
        input = floats(maxTokens, width);
        middle = floats(maxTokens, width);
        attentionScale = new float[maxTokens];
        feedForwardScale = new float[maxTokens];
        attentionNormed = floats(maxTokens, width);
        feedForwardNormed = floats(maxTokens, width);
        qkv = floats(maxTokens, layout.qkvWidth());
        attended = floats(maxTokens, config.queryWidth());
        gateAndUp = floats(maxTokens, 2 * feedForward);
        activated = floats(maxTokens, feedForward);
    }

    void pack(float[] weights, WorkerPool pool) {
        queryKeyValue.pack(weights, pool);
        attentionOutput.pack(weights, pool);
        gateUp.pack(weights, pool);
        down.pack(weights, pool);
    }

    static float[] floats(int rows, int columns) {
        return new float[Math.multiplyExact(rows, columns)];
    }
}
