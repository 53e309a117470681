package io.llamastreams.tokenizer;

import java.util.Arrays;

/**
 * Candidates for a merge, best first: the one whose piece has the highest score, of equals the leftmost. A binary heap of
 * numbers, so that nothing is allocated per candidate. One owner.
 */
final class MergeQueue {
    private long[] keys = new long[64]; // rank of the score << 32 | position of the left symbol
    private int[] pieces = new int[64];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void clear() {
        size = 0;
    }

    /**
     * Adds a candidate.
     *
     * @param rank 0 for the highest score
     */
    void add(int rank, int left, int piece) {
        if (size == keys.length) {
            keys = Arrays.copyOf(keys, 2 * size);
            pieces = Arrays.copyOf(pieces, 2 * size);
        }
        long key = (long) rank << 32 | left;
        int hole = size++;
        while (hole > 0 && key < keys[(hole - 1) >>> 1]) {
            move((hole - 1) >>> 1, hole);
            hole = (hole - 1) >>> 1;
        }
        keys[hole] = key;
        pieces[hole] = piece;
    }

    /** Position of the best candidate's left symbol. */
    int left() {
        return (int) keys[0];
    }

    /** Piece that the best candidate would become. */
    int piece() {
        return pieces[0];
    }

    void removeBest() {
        size--;
        long key = keys[size];
        int piece = pieces[size];
        int hole = 0;
        for (int child = 1; child < size; child = 2 * hole + 1) {
            if (child + 1 < size && keys[child + 1] < keys[child]) {
                child++;
            }
            if (key <= keys[child]) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        keys[hole] = key;
        pieces[hole] = piece;
    }

    private void move(int from, int to) {
        keys[to] = keys[from];
        pieces[to] = pieces[from];
    }
}
