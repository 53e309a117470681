package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.tensor.kernel.ExactMath;
import io.llamastreams.tensor.kernel.Kernels;

/**
 * Draws a token from a row of logits, as {@link SamplingParams} says: temperature, top-k, top-p, min-p, draw.
 *
 * <p>A token's weight is e^((logit - largest logit) / temperature) as a whole number of 2^-40ths: sums of weights are exact
 * in any order, and a token below 2^-40 of the likeliest is never drawn. Likelier means a higher logit (top-k) or weight
 * (top-p), and of equals the lower id. The draw walks the tokens that are left by ascending id until their weights exceed
 * the random share of the total.
 *
 * <p>Engine thread only (it has buffers); allocates nothing per token.
 */
public final class Sampler {
    /** Result for logits of which one is NaN, or the largest is not finite. */
    public static final int NOT_NUMBERS = -1;

    private static final long WEIGHT_ONE = 1L << 40;

    /** Below this, e^x is less than 2^-40: -40 ln 2. */
    private static final float LEAST_EXPONENT = -27.725887f;

    private static final int MAX_VOCABULARY = 1 << 22;

    private final Kernels kernels;
    private final int vocabularySize;
    private final LogitHeap heap;

    // the tokens that may still be drawn, by ascending id
    private final int[] ids;
    private final long[] weights;
    private final int[] ranking;
    private int count;
    private long total;

    public Sampler(Kernels kernels, int vocabularySize) {
        if (vocabularySize < 1 || vocabularySize > MAX_VOCABULARY) {
            throw new IllegalArgumentException(
                    "vocabulary: expected 1 to " + MAX_VOCABULARY + " tokens, found " + vocabularySize);
        }
        this.kernels = kernels;
        this.vocabularySize = vocabularySize;
        heap = new LogitHeap(vocabularySize);
        ids = new int[vocabularySize];
        weights = new long[vocabularySize];
        ranking = new int[vocabularySize];
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
            keepFrom(minWeight(params.minP()), count);
        }
        return pick(random);
    }

    private void weighAll(float[] logits, int offset, float maxLogit, float temperature) {
        int kept = 0;
        long sum = 0;
        for (int id = 0; id < vocabularySize; id++) {
            long weight = weight(logits[offset + id], maxLogit, temperature);
            ids[kept] = id;
            weights[kept] = weight;
            kept += weight > 0 ? 1 : 0;
            sum += weight;
        }
        count = kept;
        total = sum;
    }

    /** Weighs the k likeliest tokens alone: those not behind the last of them. */
    private void weighTop(float[] logits, int offset, float maxLogit, float temperature, int k) {
        int lastId = heap.kthId(logits, offset, vocabularySize, k);
        float lastLogit = logits[offset + lastId];
        int kept = 0;
        long sum = 0;
        for (int id = 0; id < vocabularySize; id++) {
            float logit = logits[offset + id];
            if (logit > lastLogit || logit == lastLogit && id <= lastId) {
                long weight = weight(logit, maxLogit, temperature);
                ids[kept] = id;
                weights[kept] = weight;
                kept += weight > 0 ? 1 : 0;
                sum += weight;
            }
        }
        count = kept;
        total = sum;
    }

    private static long weight(float logit, float maxLogit, float temperature) {
        float exponent = (logit - maxLogit) / temperature;
        return exponent < LEAST_EXPONENT ? 0 : (long) (ExactMath.exp(exponent) * WEIGHT_ONE);
    }

    /** Keeps the smallest set of likeliest tokens whose weights reach the share of the total. */
    private void keepNucleus(float topP) {
        long wanted = (long) Math.ceil((double) topP * total);
        // together, tokens below this average of the rest cannot fill the rest, so none of them is needed
        long floor = (total - wanted) / count;
        int ranked = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] >= floor) {
                ranking[ranked++] = i;
            }
        }
        int last = lastOfNucleus(ranked, wanted);
        keepFrom(weights[last], last);
    }

    /**
     * Index of the token with which the weights of the likeliest among {@code ranking} first reach {@code wanted}: quickselect
     * by weight.
     */
    private int lastOfNucleus(int ranked, long wanted) {
        int low = 0;
        int high = ranked - 1;
        long before = 0;
        while (low < high) {
            int pivot = partition(low, high);
            long likelier = 0;
            for (int i = low; i < pivot; i++) {
                likelier += weights[ranking[i]];
            }
            if (before + likelier >= wanted) {
                high = pivot - 1;
            } else if (before + likelier + weights[ranking[pivot]] >= wanted) {
                return ranking[pivot];
            } else {
                before += likelier + weights[ranking[pivot]];
                low = pivot + 1;
            }
        }
        return ranking[low];
    }

    /** Orders ranking[low..high] into likelier than a pivot, pivot, less likely; returns the pivot's place. */
    private int partition(int low, int high) {
        int middle = low + high >>> 1;
        swapIfBehind(low, middle);
        swapIfBehind(low, high);
        swapIfBehind(high, middle);
        // the median of the three now lies at high
        int pivot = ranking[high];
        int place = low;
        for (int i = low; i < high; i++) {
            if (isLikelier(ranking[i], pivot)) {
                swap(place++, i);
            }
        }
        swap(place, high);
        return place;
    }

    private void swapIfBehind(int first, int second) {
        if (isLikelier(ranking[second], ranking[first])) {
            swap(first, second);
        }
    }

    private void swap(int i, int j) {
        int kept = ranking[i];
        ranking[i] = ranking[j];
        ranking[j] = kept;
    }

    private boolean isLikelier(int a, int b) {
        return weights[a] > weights[b] || weights[a] == weights[b] && a < b;
    }

    private static long minWeight(float minP) {
        return (long) Math.ceil((double) minP * WEIGHT_ONE);
    }

    /** Keeps tokens above a weight, and of those with just that weight the ones up to an index. */
    private void keepFrom(long leastWeight, int lastIndex) {
        int kept = 0;
        total = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] > leastWeight || weights[i] == leastWeight && i <= lastIndex) {
                ids[kept] = ids[i];
                weights[kept] = weights[i];
                total += weights[i];
                kept++;
            }
        }
        count = kept;
    }

    private int pick(long random) {
        long target = Math.unsignedMultiplyHigh(random, total);
        int i = 0;
        for (long sum = weights[0]; sum <= target; sum += weights[i]) {
            i++;
        }
        return ids[i];
    }
}
