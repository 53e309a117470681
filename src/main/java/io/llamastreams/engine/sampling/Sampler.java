package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.tensor.kernel.ExactMath;
import io.llamastreams.tensor.kernel.Kernels;
import java.util.Arrays;

/**
 * Draws a token from a row of logits, as {@link SamplingParams} says: temperature, top-k, top-p, min-p, draw.
 *
 * <p>A token's weight is e^((logit - largest logit) / temperature) as a whole number of 2^-40ths: sums of weights are exact
 * in any order, and a token below 2^-40 of the likeliest is never drawn. Likelier means a higher logit (top-k) or weight
 * (top-p), and of equals the lower id. The draw walks the tokens that are left by ascending id until their weights exceed
 * the random share of the total.
 *
 * <p>Nothing is sorted. Passes in vectors over the row leave few tokens, among which a quickselect finds the last one of the
 * k likeliest, or of the nucleus:
 *
 * <ul>
 *   <li>The k-th largest of the maxima of at least k disjoint sets of tokens is no larger than the k-th largest logit.
 *   <li>Tokens lighter than the average of what the nucleus may lack cannot make up for it together: none is needed.
 * </ul>
 *
 * <p>One thread (it has buffers, 24 bytes for each token of the vocabulary); allocates nothing per token.
 */
public final class Sampler {
    /** Result for logits of which one is NaN, or the largest is not finite. */
    public static final int NOT_NUMBERS = -1;

    private static final int MAX_VOCABULARY = 1 << 22;
    private static final int MIN_COLUMNS = 256;
    private static final int MAX_COLUMNS = 8192;

    private final Kernels kernels;
    private final int vocabularySize;

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
        float maxLogit = logits[offset + likeliest];
        if (params.topK() > 0 && params.topK() < vocabularySize) {
            weighTop(logits, offset, maxLogit, params.temperature(), params.topK());
        } else {
            weighAll(logits, offset, maxLogit, params.temperature());
        }
        if (params.topP() < 1) {
            keepNucleus(params.topP());
        }
        if (params.minP() > 0) {
            keepHeavy(params.minP());
        }
        return pick(random);
    }

    private void weighAll(float[] logits, int offset, float maxLogit, float temperature) {
        areAll = true;
        count = vocabularySize;
        total = kernels.drawWeights(logits, offset, count, maxLogit, temperature, weights, blockSums);
    }

    /** Weighs the k likeliest tokens alone. */
    private void weighTop(float[] logits, int offset, float maxLogit, float temperature, int k) {
        int candidates = findTopCandidates(logits, offset, k);
        for (int i = 0; i < candidates; i++) {
            keys[i] = KeySelection.key(logits[offset + found[i]], found[i]);
        }
        long last = KeySelection.kthLargest(keys, candidates, k);
        int kept = 0;
        for (int i = 0; i < candidates; i++) {
            int id = found[i];
            float logit = logits[offset + id];
            if (KeySelection.key(logit, id) >= last) {
                ids[kept] = id;
                values[kept] = logit;
                kept++;
            }
        }
        areAll = false;
        count = kept;
        total = kernels.drawWeights(values, 0, count, maxLogit, temperature, weights, blockSums);
    }

    /** Puts tokens into {@code found}, the k likeliest among them, by ascending id; returns how many. */
    private int findTopCandidates(float[] logits, int offset, int k) {
        // twice as many columns as wanted, so that few of the k share one
        int columns = Math.max(MIN_COLUMNS, Integer.highestOneBit(k) << 2);
        float least = Float.NEGATIVE_INFINITY;
        if (columns <= MAX_COLUMNS && columns <= vocabularySize / 2) {
            kernels.columnMaxima(logits, offset, vocabularySize, values, columns);
            for (int column = 0; column < columns; column++) {
                keys[column] = KeySelection.key(values[column], column);
            }
            least = KeySelection.value(KeySelection.kthLargest(keys, columns, k));
        }
        return kernels.indicesFrom(logits, offset, vocabularySize, least, found);
    }

    /** Keeps the smallest set of likeliest tokens whose weights reach the share of the total. */
    private void keepNucleus(float topP) {
        long wanted = (long) Math.ceil((double) topP * total);
        // together, tokens below this average of the rest cannot fill the rest, so none of them is needed
        long floor = Math.max(1, (total - wanted) / count);
        int candidates = kernels.indicesFrom(weights, 0, count, (float) floor, found);
        for (int i = 0; i < candidates; i++) {
            keys[i] = KeySelection.key(weights[found[i]], found[i]);
        }
        keepFound(candidates, KeySelection.firstToReach(keys, candidates, wanted));
    }

    /** Keeps tokens of at least this share of the likeliest one's weight. */
    private void keepHeavy(float minP) {
        float least = (float) Math.ceil((double) minP * ExactMath.DRAW_ONE);
        keepFound(kernels.indicesFrom(weights, 0, count, least, found), Long.MIN_VALUE);
    }

    /** Keeps the first {@code candidates} tokens that {@code found} names, but for those whose keys are below one. */
    private void keepFound(int candidates, long leastKey) {
        Arrays.fill(blockSums, 0, Math.ceilDiv(candidates, Kernels.DRAW_BLOCK), 0);
        int kept = 0;
        total = 0;
        for (int i = 0; i < candidates; i++) {
            int index = found[i];
            float weight = weights[index];
            if (KeySelection.key(weight, index) >= leastKey) {
                // index >= kept: what is overwritten has been read
                ids[kept] = areAll ? index : ids[index];
                weights[kept] = weight;
                blockSums[kept / Kernels.DRAW_BLOCK] += (long) weight;
                total += (long) weight;
                kept++;
            }
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
