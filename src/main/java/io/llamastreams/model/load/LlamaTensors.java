package io.llamastreams.model.load;

import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of a Llama model by role; types and shapes were checked. Shapes as [rows, columns], row-major: a matrix
 * times a vector of {@code columns} gives {@code rows}.
 *
 * @param tokenEmbedding [vocabulary, embedding]
 * @param outputNorm [embedding], a float type
 * @param output [vocabulary, embedding]; the very tensor {@code tokenEmbedding} if {@code tiedOutput}
 * @param tiedOutput the file has no output matrix of its own
 * @param layers first to last
 */
public record LlamaTensors(
        GgufTensor tokenEmbedding, GgufTensor outputNorm, GgufTensor output, boolean tiedOutput, List<Layer> layers) {

    public LlamaTensors {
        layers = List.copyOf(layers);
    }

    /** All matrices, each once. */
    List<GgufTensor> matrices() {
        List<GgufTensor> matrices = new ArrayList<>();
        matrices.add(tokenEmbedding);
        for (Layer layer : layers) {
            matrices.addAll(List.of(
                    layer.query(),
                    layer.key(),
                    layer.value(),
                    layer.attentionOutput(),
                    layer.gate(),
                    layer.up(),
                    layer.down()));
        }
        if (!tiedOutput) {
            matrices.add(output);
        }
        return matrices;
    }

    /**
     * One transformer block. Rows of query and key are laid so that RoPE turns the pairs (2i, 2i+1) of a head.
     *
     * @param attentionNorm [embedding]
     * @param query [heads * headSize, embedding]
     * @param key [kvHeads * headSize, embedding]
     * @param value [kvHeads * headSize, embedding]
     * @param attentionOutput [embedding, heads * headSize]
     * @param feedForwardNorm [embedding]
     * @param gate [feedForward, embedding], through SiLU
     * @param down [embedding, feedForward]
     * @param up [feedForward, embedding]
     */
    public record Layer(
            GgufTensor attentionNorm,
            GgufTensor query,
            GgufTensor key,
            GgufTensor value,
            GgufTensor attentionOutput,
            GgufTensor feedForwardNorm,
            GgufTensor gate,
            GgufTensor down,
            GgufTensor up) {}
}
