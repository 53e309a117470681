package io.llamastreams.model;

import io.llamastreams.tensor.kernel.PanelMatrix;
import java.util.List;
import java.util.stream.Stream;

/**
 * All weights of a model. Matrices are [outputs, inputs].
 *
 * @param tokenEmbedding [vocabulary, embedding]
 * @param outputNorm [embedding]
 * @param output [vocabulary, embedding]; the same object as {@code tokenEmbedding} where the two are tied
 */
public record LlamaWeights(PanelMatrix tokenEmbedding, List<Layer> layers, float[] outputNorm, PanelMatrix output) {

    public LlamaWeights {
        layers = List.copyOf(layers);
    }

    public boolean tiedOutput() {
        return output == tokenEmbedding;
    }

    /**
     * One transformer block.
     *
     * @param attentionNorm [embedding]
     * @param query [heads * headSize, embedding]; rows ordered so that RoPE turns the pairs (2i, 2i + 1) of a head
     * @param key [kvHeads * headSize, embedding], ordered likewise
     * @param value [kvHeads * headSize, embedding]
     * @param attentionOutput [embedding, heads * headSize]
     * @param feedForwardNorm [embedding]
     * @param gate [feedForward, embedding]
     * @param up [feedForward, embedding]
     * @param down [embedding, feedForward]
     */
    public record Layer(
            float[] attentionNorm,
            PanelMatrix query,
            PanelMatrix key,
            PanelMatrix value,
            PanelMatrix attentionOutput,
            float[] feedForwardNorm,
            PanelMatrix gate,
            PanelMatrix up,
            PanelMatrix down) {

        Stream<PanelMatrix> matrices() {
            return Stream.of(query, key, value, attentionOutput, gate, up, down);
        }

        long bytes() {
            return query.weightBytes()
                    + key.weightBytes()
                    + value.weightBytes()
                    + attentionOutput.weightBytes()
                    + gate.weightBytes()
                    + up.weightBytes()
                    + down.weightBytes()
                    + 4L * (attentionNorm.length + feedForwardNorm.length);
        }
    }

    /** Every matrix that inputs are multiplied with. */
    public Stream<PanelMatrix> matrices() {
        return Stream.concat(layers.stream().flatMap(Layer::matrices), Stream.of(output));
    }

    /** Bytes of all weights, a tied matrix counted once. */
    public long bytes() {
        long bytes = tokenEmbedding.weightBytes() + 4L * outputNorm.length;
        for (Layer layer : layers) {
            bytes += layer.bytes();
        }
        return tiedOutput() ? bytes : bytes + output.weightBytes();
    }
}
