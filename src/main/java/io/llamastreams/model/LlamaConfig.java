package io.llamastreams.model;

/**
 * Shape of a Llama 2 model; checked, so that whoever holds one can trust it.
 *
 * @param vocabularySize tokens in the vocabulary, rows of the embedding and of the output matrix
 * @param embeddingLength width of the residual stream
 * @param layers transformer blocks
 * @param heads query heads; {@code heads * headSize} is the width of the queries
 * @param kvHeads key and value heads: equal to heads (multi-head), fewer (grouped-query) or 1 (multi-query)
 * @param headSize numbers in one head, even
 * @param feedForwardLength width of the SwiGLU layer
 * @param contextLength most positions of a sequence
 * @param ropeTheta base of the rotary frequencies
 * @param ropeScale positions are divided by this before they are rotated: 1 unless the context was stretched linearly
 * @param rmsEpsilon added to the mean square in RMSNorm
 */
public record LlamaConfig(
        int vocabularySize,
        int embeddingLength,
        int layers,
        int heads,
        int kvHeads,
        int headSize,
        int feedForwardLength,
        int contextLength,
        float ropeTheta,
        float ropeScale,
        float rmsEpsilon) {

    public LlamaConfig {
        positive("vocabulary size", vocabularySize);
        positive("embedding length", embeddingLength);
        positive("layers", layers);
        positive("heads", heads);
        positive("KV heads", kvHeads);
        positive("head size", headSize);
        positive("feed-forward length", feedForwardLength);
        positive("context length", contextLength);
        if (heads % kvHeads != 0) {
            throw new IllegalArgumentException("KV heads: expected a divisor of " + heads + " heads, found " + kvHeads);
        }
        if (headSize % 2 != 0) {
            throw new IllegalArgumentException("head size: expected an even number, found " + headSize);
        }
        finitePositive("RoPE theta", ropeTheta);
        finitePositive("RoPE scale", ropeScale);
        finitePositive("RMSNorm epsilon", rmsEpsilon);
        Math.multiplyExact(heads, headSize);
    }

    /** Llama 2 7B: multi-head attention. Source: Touvron et al. 2023, "Llama 2", table 1 and section 2.2. */
    public static LlamaConfig llama7B() {
        return llama2(4096, 32, 32, 32, 11008);
    }

    /** Llama 2 13B: multi-head attention. */
    public static LlamaConfig llama13B() {
        return llama2(5120, 40, 40, 40, 13824);
    }

    /** Llama 2 34B: grouped-query attention with 8 KV heads. */
    public static LlamaConfig llama34B() {
        return llama2(8192, 48, 64, 8, 22016);
    }

    /** Llama 2 70B: grouped-query attention with 8 KV heads. */
    public static LlamaConfig llama70B() {
        return llama2(8192, 80, 64, 8, 28672);
    }

    private static LlamaConfig llama2(int embeddingLength, int layers, int heads, int kvHeads, int feedForwardLength) {
        return builder()
                .vocabularySize(32000)
                .embeddingLength(embeddingLength)
                .layers(layers)
                .heads(heads)
                .kvHeads(kvHeads)
                .headSize(embeddingLength / heads)
                .feedForwardLength(feedForwardLength)
                .contextLength(4096)
                .build();
    }

    /** One whose lengths and counts are still to be said; its constants are Llama 2's. */
    public static Builder builder() {
        return new Builder();
    }

    /** Width of the queries and of the attention's output: heads * headSize. */
    public int queryWidth() {
        return heads * headSize;
    }

    /** Width of the keys, and of the values: kvHeads * headSize. */
    public int kvWidth() {
        return kvHeads * headSize;
    }

    /** Query heads that read the same KV head. */
    public int groupSize() {
        return heads / kvHeads;
    }

    /** Numbers in all matrices and norms, the output matrix counted only where it is not the embedding. */
    public long parameters(boolean tiedOutput) {
        long attention = 2L * embeddingLength * queryWidth() + 2L * embeddingLength * kvWidth();
        long feedForward = 3L * embeddingLength * feedForwardLength;
        long layer = attention + feedForward + 2L * embeddingLength;
        long embedding = (long) vocabularySize * embeddingLength;
        return layers * layer + embeddingLength + (tiedOutput ? embedding : 2 * embedding);
    }

    private static void positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": expected at least 1, found " + value);
        }
    }

    private static void finitePositive(String name, float value) {
        if (!(value > 0) || !Float.isFinite(value)) {
            throw new IllegalArgumentException(name + ": expected a positive number, found " + value);
        }
    }

    /** A shape, each number by its name. Mutable, one thread. */
    public static final class Builder {
        private int vocabularySize;
        private int embeddingLength;
        private int layers;
        private int heads;
        private int kvHeads;
        private int headSize;
        private int feedForwardLength;
        private int contextLength;
        private float ropeTheta = 10000f;
        private float ropeScale = 1f;
        private float rmsEpsilon = 1e-5f;

        private Builder() {}

        public Builder vocabularySize(int value) {
            vocabularySize = value;
            return this;
        }

        public Builder embeddingLength(int value) {
            embeddingLength = value;
            return this;
        }

        public Builder layers(int value) {
            layers = value;
            return this;
        }

        public Builder heads(int value) {
            heads = value;
            return this;
        }

        public Builder kvHeads(int value) {
            kvHeads = value;
            return this;
        }

        public Builder headSize(int value) {
            headSize = value;
            return this;
        }

        public Builder feedForwardLength(int value) {
            feedForwardLength = value;
            return this;
        }

        public Builder contextLength(int value) {
            contextLength = value;
            return this;
        }

        public Builder ropeTheta(float value) {
            ropeTheta = value;
            return this;
        }

        public Builder ropeScale(float value) {
            ropeScale = value;
            return this;
        }

        public Builder rmsEpsilon(float value) {
            rmsEpsilon = value;
            return this;
        }

        /** @throws IllegalArgumentException if a number was not said or does not fit the others */
        public LlamaConfig build() {
            return new LlamaConfig(
                    vocabularySize,
                    embeddingLength,
                    layers,
                    heads,
                    kvHeads,
                    headSize,
                    feedForwardLength,
                    contextLength,
                    ropeTheta,
                    ropeScale,
                    rmsEpsilon);
        }
    }
}
