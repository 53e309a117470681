package io.llamastreams.model;

import io.llamastreams.tensor.kernel.PanelMatrix;
import io.llamastreams.tensor.kernel.RowMatrix;
import io.llamastreams.tensor.kernel.WeightMatrix;
import java.util.List;
import java.util.stream.Stream;

/**
 * All weights of a model. Matrices are [outputs, inputs].
 *
 * @param tokenEmbedding [vocabulary, embedding]
 * @param outputNorm [embedding]
 * @param output [vocabulary, embedding]; the same object as {@code tokenEmbedding} where the two are tied
 */
public record LlamaWeights(WeightMatrix tokenEmbedding, List<Layer> layers, float[] outputNorm, WeightMatrix output) {

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
            WeightMatrix query,
            WeightMatrix key,
            WeightMatrix value,
            WeightMatrix attentionOutput,
            float[] feedForwardNorm,
            WeightMatrix gate,
            WeightMatrix up,
            WeightMatrix down) {

        Stream<WeightMatrix> matrices() {
            return Stream.of(query, key, value, attentionOutput, gate, up, down);
        }

        long bytes() {
            return matrices().mapToLong(WeightMatrix::weightBytes).sum()
                    + 4L * (attentionNorm.length + feedForwardNorm.length);
        }
    }

    /** Every matrix that inputs are multiplied with. */
    public Stream<WeightMatrix> matrices() {
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

    /** Memory that each thread needs for a panel of those matrices that are in file order; 0 if there are none. */
    long windowBytes() {
        return matrices()
                .filter(RowMatrix.class::isInstance)
                .mapToLong(matrix -> PanelMatrix.windowBytes(matrix.type(), matrix.columns()))
                .max()
                .orElse(0);
    }
}
