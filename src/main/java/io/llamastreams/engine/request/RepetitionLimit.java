package io.llamastreams.engine.request;

/**
 * When a text is ended because it says the same for ever: its last tokens are one pattern, again and again.
 *
 * @param maxPatternTokens longest pattern that is looked for; 0 for no limit of repetitions
 * @param repetitions how often the pattern stands at the end of the text, one after the other, at least 2
 */
public record RepetitionLimit(int maxPatternTokens, int repetitions) {

    public static final RepetitionLimit NONE = new RepetitionLimit(0, 2);

    public RepetitionLimit {
        if (maxPatternTokens < 0) {
            throw new IllegalArgumentException(
                    "repetition_detection: longest pattern: expected at least 0, found " + maxPatternTokens);
        }
        if (repetitions < 2) {
            throw new IllegalArgumentException(
                    "repetition_detection: repetitions: expected at least 2, found " + repetitions);
        }
    }

    public boolean isNone() {
        return maxPatternTokens == 0;
    }

    /** Whether the last tokens of these are such a repetition; {@code from} is where the text begins. */
    public boolean isReached(int[] tokens, int from, int to) {
        for (int length = 1; length <= maxPatternTokens && (long) length * repetitions <= to - from; length++) {
            if (repeats(tokens, to, length)) {
                return true;
            }
        }
        return false;
    }

    private boolean repeats(int[] tokens, int to, int length) {
        for (int i = to - 1; i >= to - length * (repetitions - 1); i--) {
            if (tokens[i] != tokens[i - length]) {
                return false;
            }
        }
        return true;
    }
}
