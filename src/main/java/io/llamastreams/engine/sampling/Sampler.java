package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.tensor.kernel.ExactMath;
import io.llamastreams.tensor.kernel.Kernels;
import java.util.Arrays;

/**
 * Draws a token from a row of logits, as {@link SamplingParams} says: temperature, top-k, typical-p, top-p, min-p, draw. Each cut
 * works on what those before it left, whose probabilities then add up to one.
 *
 * <p>A token's weight is e^((logit - largest logit) / temperature) as a whole number of 2^-40ths: sums of weights are exact
 * in any order, and a token below 2^-40 of the likeliest is never drawn. Likelier means a higher logit (top-k) or weight
 * (top-p), and of equals the lower id. The draw walks the tokens that are left by ascending id until their weights exceed
 * the random share of the total.
 *
 * <p>Nothing is sorted. Passes in vectors over the row leave few tokens, among which a quickselect finds the last one of the
 * k likeliest (see {@link TopSelection}), or of the nucleus: tokens lighter than the average of what the nucleus may lack cannot
 * make up for it together, so none of them is needed.
 *
 * <p>One thread (it has buffers, 24 bytes for each token of the vocabulary); allocates nothing per token.
 */
public final class Sampler {
    /** Result for logits of which one is NaN, or the largest is not finite. */
    public static final int NOT_NUMBERS = -1;

    private static final int MAX_VOCABULARY = 1 << 22;

    private final Kernels kernels;
    private final int vocabularySize;
    private final TopSelection top;
    private final WeightedSelection selection;

    // The tokens that may still be drawn, by ascending id: all, or those that ids names. Weight 0: not to be drawn.
    private final float[] weights;
    private final int[] ids;
    private final long[] blockSums;
    private boolean areAll;
    private int count;
    private long total;

    // scratch
    private final long[] keys;
    private final int[] found;
    private final float[] values;

    public Sampler(Kernels kernels, int vocabularySize) {
        if (vocabularySize < 1 || vocabularySize > MAX_VOCABULARY) {
            throw new IllegalArgumentException(
                    "vocabulary: expected 1 to " + MAX_VOCABULARY + " tokens, found " + vocabularySize);
        }
        this.kernels = kernels;
        this.vocabularySize = vocabularySize;
        weights = new float[vocabularySize];
        ids = new int[vocabularySize];
        blockSums = new long[Math.ceilDiv(vocabularySize, Kernels.DRAW_BLOCK)];
        keys = new long[vocabularySize];
        found = new int[vocabularySize];
        values = new float[vocabularySize];
        top = new TopSelection(kernels, vocabularySize, keys, found, values);
        selection = new WeightedSelection(kernels, keys);
    }

    /**
     * Draws a token.
     *
     * @param logits the row lies at offset to offset + vocabularySize; kept as it is
     * @param random 64 random bits; not used when greedy
     * @return token id, or {@link #NOT_NUMBERS}
     */
    public int draw(float[] logits, int offset, SamplingParams params, long random) {
        int likeliest = kernels.argmax(logits, offset, vocabularySize);
        if (likeliest < 0 || !Float.isFinite(logits[offset + likeliest])) {
            return NOT_NUMBERS;
        }
        if (params.isGreedy() || params.topK() == 1) {
            return likeliest;
        }
        weigh(logits, offset, logits[offset + likeliest], params);
        if (params.topP() < 1) {
            keepNucleus(params.topP());
        }
        if (params.minP() > 0) {
            // the likeliest token is the heaviest, but need not be typical
            keepHeavy(params.minP(), params.typicalP() < 1 ? heaviest() : ExactMath.DRAW_ONE);
        }
        return pick(random);
    }

    /**
     * The k likeliest tokens of a row, likeliest first, of equals the lower id; all if there are fewer.
     *
     * @param logits of which none is NaN; the row lies at offset to offset + vocabularySize
     * @param logSumExp of the row, taken from its logits
     */
    Likeliest likeliest(float[] logits, int offset, int k, float logSumExp) {
        return top.likeliest(logits, offset, k, logSumExp);
    }

    /** For tests: the weights that the last draw left, by token id, unless it took the likeliest alone. */
    long[] weightsLeft() {
        long[] left = new long[vocabularySize];
        for (int i = 0; i < count; i++) {
            left[areAll ? i : ids[i]] = (long) weights[i];
        }
        return left;
    }

    /** Weighs all tokens or the k likeliest, and keeps the typical ones of them. */
    private void weigh(float[] logits, int offset, float maxLogit, SamplingParams params) {
        areAll = params.topK() == 0 || params.topK() >= vocabularySize;
        count = areAll ? vocabularySize : params.topK();
        if (areAll) {
            total = kernels.drawWeights(logits, offset, count, maxLogit, params.temperature(), weights, blockSums);
        } else {
            top.select(logits, offset, count, ids);
            for (int i = 0; i < count; i++) {
                values[i] = logits[offset + ids[i]];
            }
            total = kernels.drawWeights(values, 0, count, maxLogit, params.temperature(), weights, blockSums);
        }
        if (params.typicalP() < 1) {
            float[] source = areAll ? logits : values;
            TypicalRating.rate(
                    source, areAll ? offset : 0, count, maxLogit, params.temperature(), weights, total, values);
            keepTypical(params.typicalP());
        }
    }

    /** Keeps the smallest set of tokens of the highest {@code values} whose weights exceed the share of the total. */
    private void keepTypical(float typicalP) {
        // more than the share, as llama.cpp has it
        long wanted = Math.min(total, (long) ((double) typicalP * total) + 1);
        keepFound(selection.select(values, weights, count, Float.NEGATIVE_INFINITY, wanted, found));
    }

    /** Keeps the smallest set of likeliest tokens whose weights reach the share of the total. */
    private void keepNucleus(float topP) {
        long wanted = (long) Math.ceil((double) topP * total);
        // together, tokens below this average of the rest cannot fill the rest, so none of them is needed
        long floor = Math.max(1, (total - wanted) / count);
        keepFound(selection.select(weights, weights, count, (float) floor, wanted, found));
    }

    private float heaviest() {
        return weights[kernels.argmax(weights, 0, count)];
    }

    /** Keeps tokens of at least this share of the heaviest one's weight. */
    private void keepHeavy(float minP, float heaviest) {
        double least = (double) minP * heaviest;
        float rounded = (float) least;
        keepFound(kernels.indicesFrom(weights, 0, count, rounded < least ? Math.nextUp(rounded) : rounded, found));
    }

    /** Keeps the first {@code kept} tokens that {@code found} names. */
    private void keepFound(int kept) {
        Arrays.fill(blockSums, 0, Math.ceilDiv(kept, Kernels.DRAW_BLOCK), 0);
        total = 0;
        for (int i = 0; i < kept; i++) {
            int index = found[i];
            float weight = weights[index];
            // index >= i: what is overwritten has been read
            ids[i] = areAll ? index : ids[index];
            weights[i] = weight;
            blockSums[i / Kernels.DRAW_BLOCK] += (long) weight;
            total += (long) weight;
        }
        areAll = false;
        count = kept;
    }

    private int pick(long random) {
        long left = Math.unsignedMultiplyHigh(random, total);
        int block = 0;
        while (left >= blockSums[block]) {
            left -= blockSums[block++];
        }
        int i = block * Kernels.DRAW_BLOCK;
        for (long weight = (long) weights[i]; left >= weight; weight = (long) weights[i]) {
            left -= weight;
            i++;
        }
        return areAll ? i : ids[i];
    }
}
