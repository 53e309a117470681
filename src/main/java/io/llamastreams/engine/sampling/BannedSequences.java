package io.llamastreams.engine.sampling;

import java.util.List;

/**
 * Sequences of tokens that must not occur in a text, and the end of the text, as long as one of them can begin in it. One thread
 * at a time.
 */
final class BannedSequences {
    private final int[][] words;

    // the last tokens of the text, oldest first
    private final int[] tail;
    private int tailCount;

    /** At the start of a text; each word has at least one token. */
    BannedSequences(List<List<Integer>> words) {
        this.words = words.stream()
                .map(word -> word.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
        tail = new int[words.stream().mapToInt(word -> word.size() - 1).max().orElse(0)];
    }

    boolean isEmpty() {
        return words.length == 0;
    }

    void accept(int token) {
        if (tail.length == 0) {
            return;
        }
        if (tailCount == tail.length) {
            System.arraycopy(tail, 1, tail, 0, --tailCount);
        }
        tail[tailCount++] = token;
    }

    /** Sets the logits of tokens that would complete a word to negative infinity. */
    void ban(float[] row) {
        for (int[] word : words) {
            if (endsInAllButTheLast(word)) {
                row[SampleState.requireToken("bad_words", word[word.length - 1], row.length)] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    private boolean endsInAllButTheLast(int[] word) {
        int from = tailCount - (word.length - 1);
        if (from < 0) {
            return false;
        }
        for (int i = from; i < tailCount; i++) {
            if (tail[i] != word[i - from]) {
                return false;
            }
        }
        return true;
    }
}
