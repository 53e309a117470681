package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;

/**
 * Tokens to learn from, several texts one after another. Attention stays inside a text, whose positions count from 0.
 *
 * @param tokens ids
 * @param targets what should follow each token; {@link #NO_TARGET} where nothing is to be learnt
 * @param starts where each text begins, rising, the first at 0
 */
public record TokenBatch(int[] tokens, int[] targets, int[] starts) {
    public static final int NO_TARGET = -1;

    /** @throws IllegalArgumentException if the three do not fit together */
    public TokenBatch {
        if (tokens.length == 0 || tokens.length != targets.length) {
            throw new IllegalArgumentException("batch: expected as many targets as tokens, and some, found "
                    + tokens.length + " tokens and " + targets.length + " targets");
        }
        if (starts.length == 0 || starts[0] != 0) {
            throw new IllegalArgumentException("batch: expected the first text to start at 0");
        }
        for (int i = 0; i < starts.length; i++) {
            int end = i + 1 < starts.length ? starts[i + 1] : tokens.length;
            if (starts[i] >= end) {
                throw new IllegalArgumentException(
                        "batch: text " + i + ": expected a start below " + end + ", found " + starts[i]);
            }
        }
    }

    public int texts() {
        return starts.length;
    }

    public int length(int text) {
        return end(text) - starts[text];
    }

    private int end(int text) {
        return text + 1 < starts.length ? starts[text + 1] : tokens.length;
    }

    /** Tokens whose successor is to be learnt. */
    public int targetCount() {
        int count = 0;
        for (int target : targets) {
            count += target == NO_TARGET ? 0 : 1;
        }
        return count;
    }

    /** @throws IllegalArgumentException if a token or a text is not for such a model */
    void requireFits(LlamaConfig config) {
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0 || tokens[i] >= config.vocabularySize()) {
                throw new IllegalArgumentException("batch: token " + i + ": expected an id below "
                        + config.vocabularySize() + ", found " + tokens[i]);
            }
            if (targets[i] != NO_TARGET && (targets[i] < 0 || targets[i] >= config.vocabularySize())) {
                throw new IllegalArgumentException("batch: target " + i + ": expected an id below "
                        + config.vocabularySize() + ", found " + targets[i]);
            }
        }
        for (int text = 0; text < texts(); text++) {
            if (length(text) > config.contextLength()) {
                throw new IllegalArgumentException("batch: text " + text + ": expected at most "
                        + config.contextLength() + " tokens, found " + length(text));
            }
        }
    }
}
