package io.llamastreams.engine.sampling;

import io.llamastreams.tensor.kernel.Kernels;
import java.util.Arrays;

/**
 * Takes tokens in an order until their weights come to a sum, without sorting. Larger values come first, of equals the lower
 * index. Many tokens are first told apart by the first bits of their values: the sums of these buckets say in which of them the
 * last token is, and only those in there are put in order.
 *
 * <p>One thread; allocates nothing.
 */
final class WeightedSelection {
    /** Sign, exponent and the first three binary places of a value. */
    private static final int BUCKET_BITS = 12;

    private static final int SHIFT = Integer.SIZE - BUCKET_BITS;
    private static final int BUCKETS = 1 << BUCKET_BITS;

    /** Fewer tokens are put in order sooner than the buckets are cleared. */
    private static final int WORTH_BUCKETS = 1024;

    private final Kernels kernels;
    private final long[] keys;
    private final long[] sums = new long[BUCKETS];

    /** With scratch for as many keys as there may be tokens. */
    WeightedSelection(Kernels kernels, long[] keys) {
        this.kernels = kernels;
        this.keys = keys;
    }

    /**
     * Takes tokens until their weights reach a sum.
     *
     * @param values by which the tokens are ordered, by index; neither NaN nor -0, finite where a weight is not 0
     * @param weights whole numbers
     * @param least value of the tokens that may be needed: the weights of these reach the sum
     * @param wanted the sum, at least 1
     * @param found gets the indices of the tokens that were taken, ascending; room for {@code count}
     * @return how many
     */
    int select(float[] values, float[] weights, int count, float least, long wanted, int[] found) {
        boolean all = least == Float.NEGATIVE_INFINITY && count >= WORTH_BUCKETS;
        int candidates = all ? count : kernels.indicesFrom(values, 0, count, least, found);
        if (candidates < WORTH_BUCKETS) {
            for (int i = 0; i < candidates; i++) {
                keys[i] = KeySelection.key(values[found[i]], found[i]);
            }
            return keepFrom(KeySelection.firstToReach(keys, candidates, weights, wanted), values, found, candidates);
        }
        return selectByBuckets(values, weights, count, wanted, found);
    }

    private int selectByBuckets(float[] values, float[] weights, int count, long wanted, int[] found) {
        Arrays.fill(sums, 0);
        for (int i = 0; i < count; i++) {
            sums[bucket(values[i])] += (long) weights[i];
        }
        long missing = wanted;
        int last = BUCKETS - 1;
        while (sums[last] < missing) {
            missing -= sums[last--];
        }
        int candidates = kernels.indicesFrom(values, 0, count, leastOf(last), found);
        int inLast = 0;
        for (int i = 0; i < candidates; i++) {
            float value = values[found[i]];
            keys[inLast] = KeySelection.key(value, found[i]);
            inLast += bucket(value) == last ? 1 : 0;
        }
        return keepFrom(KeySelection.firstToReach(keys, inLast, weights, missing), values, found, candidates);
    }

    /** Keeps of the tokens in {@code found} those up to the one with a key. */
    private static int keepFrom(long last, float[] values, int[] found, int candidates) {
        int kept = 0;
        for (int i = 0; i < candidates; i++) {
            int index = found[i];
            found[kept] = index;
            kept += KeySelection.key(values[index], index) >= last ? 1 : 0;
        }
        return kept;
    }

    private static int bucket(float value) {
        return (KeySelection.ordered(value) >> SHIFT) + BUCKETS / 2;
    }

    private static float leastOf(int bucket) {
        return KeySelection.ofOrdered(bucket - BUCKETS / 2 << SHIFT);
    }
}
