package io.llamastreams.serving;

import java.util.List;

/**
 * How likely the prompt is itself.
 *
 * @param tokenIds tokens of the prompt
 * @param logprobs one for each but the first, which nothing stands before
 * @param likeliest the same way; empty when they were not asked for
 */
public record PromptScores(List<Integer> tokenIds, List<Float> logprobs, List<LikelyTokens> likeliest) {

    public PromptScores {
        tokenIds = List.copyOf(tokenIds);
        logprobs = List.copyOf(logprobs);
        likeliest = List.copyOf(likeliest);
    }
}
