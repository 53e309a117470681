package io.llamastreams.engine.request;

/**
 * What is to be told about a request besides its tokens.
 *
 * @param logprobs {@link #NONE}, or of how many likeliest tokens the log-probability is told beside the chosen one's, 0 for the
 *     chosen one alone
 * @param promptLogprobs the same for tokens of the prompt
 * @param scoredFrom first token of the prompt whose log-probability is told, at least 1
 * @param embedding whether the mean of the prompt's last hidden states is told
 */
public record Report(int logprobs, int promptLogprobs, int scoredFrom, boolean embedding) {
    /** No log-probabilities. */
    public static final int NONE = -1;

    /** Tokens alone. */
    public static final Report TOKENS = new Report(NONE, NONE, 1, false);

    public Report {
        if (logprobs < NONE || promptLogprobs < NONE) {
            throw new IllegalArgumentException(
                    "logprobs: expected at least 0, found " + Math.min(logprobs, promptLogprobs));
        }
        if (scoredFrom < 1) {
            throw new IllegalArgumentException("first scored token: expected at least 1, found " + scoredFrom);
        }
    }

    /** Tokens with their log-probabilities and those of as many likeliest ones. */
    public static Report withLogprobs(int likeliest) {
        return new Report(likeliest, NONE, 1, false);
    }

    public boolean scoresPrompt() {
        return promptLogprobs != NONE;
    }
}
