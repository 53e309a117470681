package io.llamastreams.engine.request;

/**
 * What the engine is asked to do: continue a sequence of tokens.
 *
 * @param id unique among the requests of its outbox
 * @param promptIds tokens to continue, BOS included, at least one; not copied, must not change
 * @param sampling how tokens are drawn
 * @param maxNewTokens at least 1; the context may end the text sooner
 * @param stopTokenIds tokens that end the text (the model's EOS among them, unless it is to be ignored); the token itself
 *     is reported and counted, but is no part of the text
 * @param logprobs whether the log-probability of each token is wanted
 * @param priority higher goes first when there is not room for all
 * @param watcher sees each token and may end the request
 */
public record GenerationRequest(
        String id,
        int[] promptIds,
        SamplingParams sampling,
        int maxNewTokens,
        int[] stopTokenIds,
        boolean logprobs,
        int priority,
        TokenWatcher watcher) {

    public GenerationRequest {
        if (promptIds.length == 0) {
            throw new IllegalArgumentException("request " + id + ": expected at least one prompt token, found none");
        }
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException(
                    "request " + id + ": max new tokens: expected at least 1, found " + maxNewTokens);
        }
    }
}
