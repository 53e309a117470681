package io.llamastreams.engine.sampling;

/**
 * Finds the place in the order of likelihood at which a set ends, without sorting: quickselect over one number per token.
 *
 * <pre>
 * key = value in the order of floats (32 bits) | complement of the index (32 bits)     larger: likelier
 * </pre>
 *
 * Likelier is the higher value, of equals the lower index; no two keys are equal. Any thread.
 */
final class KeySelection {
    private KeySelection() {}

    /** Key of a value that is not NaN; 0 and -0 are equal. */
    static long key(float value, int index) {
        return (long) ordered(value + 0f) << 32 | ~index & 0xFFFFFFFFL;
    }

    /** Value of a key. */
    static float value(long key) {
        return ofOrdered((int) (key >> 32));
    }

    /** A whole number for a value that is not NaN, larger for a larger one; smaller for -0 than for 0. */
    static int ordered(float value) {
        int bits = Float.floatToRawIntBits(value);
        return bits ^ (bits >> 31 & 0x7fffffff);
    }

    /** The value for a whole number. */
    static float ofOrdered(int ordered) {
        return Float.intBitsToFloat(ordered ^ (ordered >> 31 & 0x7fffffff));
    }

    /** Index of a key. */
    static int index(long key) {
        return ~(int) key;
    }

    /** The k-th largest of the first {@code count} keys, k from 1; changes their order. */
    static long kthLargest(long[] keys, int count, int k) {
        int low = 0;
        int high = count - 1;
        int wanted = k - 1;
        while (low < high) {
            int pivot = partition(keys, low, high);
            if (pivot == wanted) {
                return keys[pivot];
            }
            if (pivot > wanted) {
                high = pivot - 1;
            } else {
                low = pivot + 1;
            }
        }
        return keys[wanted];
    }

    /**
     * The key with which the weights of the largest of the first {@code count} keys first add up to {@code wanted}; changes their
     * order.
     *
     * @param weights by index, whole numbers
     * @param wanted at most the sum of the weights of all these keys
     */
    static long firstToReach(long[] keys, int count, float[] weights, long wanted) {
        int low = 0;
        int high = count - 1;
        long missing = wanted;
        while (low < high) {
            int pivot = partition(keys, low, high);
            long larger = sum(keys, low, pivot, weights);
            long withPivot = larger + (long) weights[index(keys[pivot])];
            if (larger >= missing) {
                high = pivot - 1;
            } else if (withPivot >= missing) {
                return keys[pivot];
            } else {
                missing -= withPivot;
                low = pivot + 1;
            }
        }
        return keys[low];
    }

    private static long sum(long[] keys, int from, int to, float[] weights) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += (long) weights[index(keys[i])];
        }
        return sum;
    }

    /** Orders keys[low..high] into larger than a pivot, pivot, smaller; returns the pivot's place. */
    private static int partition(long[] keys, int low, int high) {
        int middle = low + high >>> 1;
        swapIfSmaller(keys, low, middle);
        swapIfSmaller(keys, low, high);
        swapIfSmaller(keys, high, middle);
        // the median of the three now lies at high
        long pivot = keys[high];
        int place = low;
        for (int i = low; i < high; i++) {
            // swaps always and steps without a branch: which side a key falls on cannot be predicted
            long key = keys[i];
            keys[i] = keys[place];
            keys[place] = key;
            place += key > pivot ? 1 : 0;
        }
        keys[high] = keys[place];
        keys[place] = pivot;
        return place;
    }

    private static void swapIfSmaller(long[] keys, int first, int second) {
        if (keys[first] < keys[second]) {
            long kept = keys[first];
            keys[first] = keys[second];
            keys[second] = kept;
        }
    }
}
