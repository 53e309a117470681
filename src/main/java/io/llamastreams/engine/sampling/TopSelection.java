package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.tensor.kernel.Kernels;
import java.util.Arrays;

/**
 * Finds the k likeliest tokens of a row of logits without sorting it: the k-th largest of the maxima of at least k disjoint sets
 * of tokens is no larger than the k-th largest logit, so that one pass for the maxima and one for the tokens that reach it leave
 * few, among which a quickselect finds the last one. Likelier is the higher logit, of equals the lower id.
 *
 * <p>One thread (it shares the buffers that it is given); none of the logits may be NaN.
 */
final class TopSelection {
    private static final int MIN_COLUMNS = 256;
    private static final int MAX_COLUMNS = 8192;

    private final Kernels kernels;
    private final int vocabularySize;

    // scratch, room for a vocabulary each
    private final long[] keys;
    private final int[] found;
    private final float[] maxima;

    TopSelection(Kernels kernels, int vocabularySize, long[] keys, int[] found, float[] maxima) {
        this.kernels = kernels;
        this.vocabularySize = vocabularySize;
        this.keys = keys;
        this.found = found;
        this.maxima = maxima;
    }

    /** Writes the ids of the k likeliest tokens, ascending; k from 1 to the size of the vocabulary. */
    void select(float[] logits, int offset, int k, int[] ids) {
        int candidates = findCandidates(logits, offset, k);
        makeKeys(logits, offset, candidates);
        long last = KeySelection.kthLargest(keys, candidates, k);
        int kept = 0;
        for (int i = 0; i < candidates; i++) {
            int id = found[i];
            if (KeySelection.key(logits[offset + id], id) >= last) {
                ids[kept++] = id;
            }
        }
    }

    /**
     * The k likeliest tokens, likeliest first; all if there are fewer.
     *
     * @param logSumExp of the row, taken from its logits
     */
    Likeliest likeliest(float[] logits, int offset, int k, float logSumExp) {
        int wanted = Math.min(k, vocabularySize);
        int candidates = findCandidates(logits, offset, wanted);
        makeKeys(logits, offset, candidates);
        long last = KeySelection.kthLargest(keys, candidates, wanted);
        int kept = 0;
        for (int i = 0; i < candidates; i++) {
            long key = keys[i];
            if (key >= last) {
                keys[kept++] = key;
            }
        }
        Arrays.sort(keys, 0, kept);
        int[] tokens = new int[kept];
        float[] logprobs = new float[kept];
        for (int i = 0; i < kept; i++) {
            tokens[i] = KeySelection.index(keys[kept - 1 - i]);
            logprobs[i] = logits[offset + tokens[i]] - logSumExp;
        }
        return new Likeliest(tokens, logprobs);
    }

    private void makeKeys(float[] logits, int offset, int candidates) {
        for (int i = 0; i < candidates; i++) {
            keys[i] = KeySelection.key(logits[offset + found[i]], found[i]);
        }
    }

    /** Puts tokens into {@code found}, the k likeliest among them, by ascending id; returns how many. */
    private int findCandidates(float[] logits, int offset, int k) {
        // twice as many columns as wanted, so that few of the k share one
        int columns = Math.max(MIN_COLUMNS, Integer.highestOneBit(k) << 2);
        float least = Float.NEGATIVE_INFINITY;
        if (columns <= MAX_COLUMNS && columns <= vocabularySize / 2) {
            kernels.columnMaxima(logits, offset, vocabularySize, maxima, columns);
            for (int column = 0; column < columns; column++) {
                keys[column] = KeySelection.key(maxima[column], column);
            }
            least = KeySelection.value(KeySelection.kthLargest(keys, columns, k));
        }
        return kernels.indicesFrom(logits, offset, vocabularySize, least, found);
    }
}
