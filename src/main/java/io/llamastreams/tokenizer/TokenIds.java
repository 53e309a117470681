package io.llamastreams.tokenizer;

import java.util.Arrays;

/** A growing list of token ids. One owner. */
final class TokenIds {
    private int[] ids;
    private int size;

    TokenIds(int expectedSize) {
        ids = new int[Math.max(8, expectedSize)];
    }

    void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, Math.addExact(size, size >>> 1) + 1);
        }
        ids[size++] = id;
    }

    int last() {
        return size == 0 ? -1 : ids[size - 1];
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
