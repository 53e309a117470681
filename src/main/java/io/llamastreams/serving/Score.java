package io.llamastreams.serving;

import java.util.List;
import java.util.Optional;

/**
 * How likely a text is as the continuation of a prompt.
 *
 * @param text the continuation
 * @param tokenIds its tokens behind the prompt's
 * @param logLikelihood natural logarithm of its probability: the sum over its tokens
 * @param greedy whether each of its tokens is the likeliest at its place
 * @param probability its share among the answers that are compared; empty where nothing is compared
 * @param logprobs one for each of {@code tokenIds}, or empty when they were not asked for
 * @param likeliest the same way
 */
public record Score(
        String text,
        List<Integer> tokenIds,
        double logLikelihood,
        boolean greedy,
        Optional<Double> probability,
        List<Float> logprobs,
        List<LikelyTokens> likeliest) {

    public Score {
        tokenIds = List.copyOf(tokenIds);
        logprobs = List.copyOf(logprobs);
        likeliest = List.copyOf(likeliest);
    }

    public Score withProbability(double newProbability) {
        return new Score(text, tokenIds, logLikelihood, greedy, Optional.of(newProbability), logprobs, likeliest);
    }
}
