package io.llamastreams.serving;

import java.util.List;
import java.util.Optional;

/**
 * The caller's wishes for a text, with their usual names and not yet checked.
 *
 * @param maxNewTokens most tokens to make, at least 1; the context may end the text sooner
 * @param temperature 0 for the most likely token each time
 * @param topK 0 for no limit
 * @param topP 1 for no limit
 * @param minP 0 for no limit
 * @param seed of the random numbers; derived from the request's id where there is none
 * @param stop strings that end the text; the text is cut before them
 * @param stopTokenIds tokens that end the text besides EOS
 * @param ignoreEos whether the text goes on after EOS
 * @param logprobs whether the log-probability of each token is wanted
 */
public record GenerationOptions(
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        double minP,
        Optional<Long> seed,
        List<String> stop,
        List<Integer> stopTokenIds,
        boolean ignoreEos,
        boolean logprobs) {

    public static final int DEFAULT_MAX_NEW_TOKENS = 256;

    /** Greedy, up to 256 tokens. */
    public static final GenerationOptions DEFAULT = new GenerationOptions(
            DEFAULT_MAX_NEW_TOKENS, 0, 0, 1, 0, Optional.empty(), List.of(), List.of(), false, false);

    public GenerationOptions {
        stop = List.copyOf(stop);
        stopTokenIds = List.copyOf(stopTokenIds);
    }

    public GenerationOptions withMaxNewTokens(int newMaxNewTokens) {
        return new GenerationOptions(
                newMaxNewTokens, temperature, topK, topP, minP, seed, stop, stopTokenIds, ignoreEos, logprobs);
    }

    public GenerationOptions withSeed(long newSeed) {
        return new GenerationOptions(
                maxNewTokens,
                temperature,
                topK,
                topP,
                minP,
                Optional.of(newSeed),
                stop,
                stopTokenIds,
                ignoreEos,
                logprobs);
    }
}
