package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.tensor.kernel.Kernels;

/**
 * Draws the next token of a text under all of its rules. A text without rules is drawn for from its logits as they lie; rules are
 * put on a copy of the row, since texts of one prompt may share theirs.
 *
 * <p>One thread: it has a {@link Sampler}'s buffers, and as soon as they are needed another 4 bytes for each token of the
 * vocabulary.
 */
final class TextSampler {
    /** Result where the rules forbid all tokens that have a probability. */
    static final int NOTHING_ALLOWED = -2;

    /** Result where biases or penalties lead to logits that are not finite. */
    static final int RULES_NOT_NUMBERS = -3;

    private final Kernels kernels;
    private final Sampler sampler;
    private final int vocabularySize;
    private float[] row = {};
    private long[] bits = {};

    TextSampler(Kernels kernels, int vocabularySize) {
        this.kernels = kernels;
        this.vocabularySize = vocabularySize;
        sampler = new Sampler(kernels, vocabularySize);
    }

    /**
     * Draws a token.
     *
     * @param logits the row lies at offset to offset + vocabularySize; kept as it is
     * @return token id, {@link Sampler#NOT_NUMBERS} if the row itself has none, {@link #NOTHING_ALLOWED} or
     *     {@link #RULES_NOT_NUMBERS}
     * @throws RuntimeException of the text's constraint, or of a rule for tokens that there are not
     */
    int draw(float[] logits, int offset, SampleState state, long random) {
        if (!state.isRuled()) {
            return sampler.draw(logits, offset, state.params(), random);
        }
        if (!isFinite(logits, offset, kernels.argmax(logits, offset, vocabularySize))) {
            return Sampler.NOT_NUMBERS;
        }
        if (row.length == 0) {
            row = new float[vocabularySize];
            bits = new long[TokenBits.longs(vocabularySize)];
        }
        state.rule(logits, offset, row, bits);
        int token = sampler.draw(row, 0, state.params(), random);
        if (token != Sampler.NOT_NUMBERS) {
            return token;
        }
        int likeliest = kernels.argmax(row, 0, vocabularySize);
        return likeliest >= 0 && row[likeliest] == Float.NEGATIVE_INFINITY ? NOTHING_ALLOWED : RULES_NOT_NUMBERS;
    }

    /** As {@link Sampler#likeliest}. */
    Likeliest likeliest(float[] logits, int offset, int k, float logSumExp) {
        return sampler.likeliest(logits, offset, k, logSumExp);
    }

    private static boolean isFinite(float[] logits, int offset, int index) {
        return index >= 0 && Float.isFinite(logits[offset + index]);
    }
}
