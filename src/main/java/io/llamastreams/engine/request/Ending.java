package io.llamastreams.engine.request;

/**
 * When a text ends by itself.
 *
 * @param maxNewTokens most new tokens; the context may end the text sooner. 0 where nothing is generated
 * @param stopTokenIds tokens that end the text (the model's EOS among them, unless it is to be ignored); the token itself
 *     is reported and counted, but is no part of the text
 * @param repetition when a text counts as endless repetition
 */
public record Ending(int maxNewTokens, int[] stopTokenIds, RepetitionLimit repetition) {

    public Ending {
        if (maxNewTokens < 0) {
            throw new IllegalArgumentException("max new tokens: expected at least 0, found " + maxNewTokens);
        }
    }

    /** Without a limit of repetitions. */
    public Ending(int maxNewTokens, int... stopTokenIds) {
        this(maxNewTokens, stopTokenIds, RepetitionLimit.NONE);
    }
}
