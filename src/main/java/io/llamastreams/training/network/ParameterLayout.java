package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.training.optimiser.ParameterTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each parameter of a model lies in one array. Matrices are [outputs, inputs] and row-major; those that read the same
 * input lie one behind another, so that they can be used as one.
 *
 * <pre>
 * token_embd | per layer: attn_norm  attn_q attn_k attn_v  attn_output  ffn_norm  ffn_gate ffn_up  ffn_down | output_norm | output
 * </pre>
 *
 * {@code output} is missing where the embedding takes its place. Names are those of GGUF files.
 */
public final class ParameterLayout {
    private final LlamaConfig config;
    private final boolean tiedOutput;
    private final List<ParameterTensor> tensors = new ArrayList<>();
    private final int[] layerOffsets;
    private final int outputNorm;
    private final int output;
    private int size;

    /** @throws ArithmeticException if the parameters are too many for one array */
    public ParameterLayout(LlamaConfig config, boolean tiedOutput) {
        this.config = config;
        this.tiedOutput = tiedOutput;
        matrix("token_embd.weight", config.vocabularySize(), config.embeddingLength());
        layerOffsets = new int[config.layers()];
        for (int layer = 0; layer < config.layers(); layer++) {
            layerOffsets[layer] = size;
            String prefix = "blk." + layer + ".";
            norm(prefix + "attn_norm.weight");
            matrix(prefix + "attn_q.weight", config.queryWidth(), config.embeddingLength());
            matrix(prefix + "attn_k.weight", config.kvWidth(), config.embeddingLength());
            matrix(prefix + "attn_v.weight", config.kvWidth(), config.embeddingLength());
            matrix(prefix + "attn_output.weight", config.embeddingLength(), config.queryWidth());
            norm(prefix + "ffn_norm.weight");
            matrix(prefix + "ffn_gate.weight", config.feedForwardLength(), config.embeddingLength());
            matrix(prefix + "ffn_up.weight", config.feedForwardLength(), config.embeddingLength());
            matrix(prefix + "ffn_down.weight", config.embeddingLength(), config.feedForwardLength());
        }
        outputNorm = size;
        norm("output_norm.weight");
        output = tiedOutput ? 0 : size;
        if (!tiedOutput) {
            matrix("output.weight", config.vocabularySize(), config.embeddingLength());
        }
    }

    private void norm(String name) {
        add(new ParameterTensor(name, 1, config.embeddingLength(), size, false));
    }

    private void matrix(String name, int rows, int columns) {
        add(new ParameterTensor(name, rows, columns, size, true));
    }

    private void add(ParameterTensor tensor) {
        tensors.add(tensor);
        size = Math.addExact(size, tensor.size());
    }

    public LlamaConfig config() {
        return config;
    }

    public boolean tiedOutput() {
        return tiedOutput;
    }

    /** In the order of the array, without gaps. */
    public List<ParameterTensor> tensors() {
        return List.copyOf(tensors);
    }

    /** Numbers in all. */
    public int size() {
        return size;
    }

    int tokenEmbedding() {
        return 0;
    }

    int attentionNorm(int layer) {
        return layerOffsets[layer];
    }

    /** Query, key and value as one matrix: [heads * headSize + 2 * kvHeads * headSize, embedding]. */
    int queryKeyValue(int layer) {
        return attentionNorm(layer) + config.embeddingLength();
    }

    int attentionOutput(int layer) {
        return queryKeyValue(layer) + qkvWidth() * config.embeddingLength();
    }

    int feedForwardNorm(int layer) {
        return attentionOutput(layer) + config.embeddingLength() * config.queryWidth();
    }

    /** Gate and up as one matrix: [2 * feedForward, embedding]. */
    int gateUp(int layer) {
        return feedForwardNorm(layer) + config.embeddingLength();
    }

    int down(int layer) {
        return gateUp(layer) + 2 * config.feedForwardLength() * config.embeddingLength();
    }

    int outputNorm() {
        return outputNorm;
    }

    int output() {
        return output;
    }

    int qkvWidth() {
        return config.queryWidth() + 2 * config.kvWidth();
    }
}
