package io.llamastreams.serving;

import java.util.List;
import java.util.Optional;

/**
 * One of the texts that were made for a prompt.
 *
 * @param index which one, from 0
 * @param text what was made, cut before a stop string
 * @param tokenIds the tokens that were made, a closing stop token included
 * @param finishReason stop, length, repetition, cancelled or expired
 * @param logprobs one for each of {@code tokenIds}, or empty when they were not asked for
 * @param likeliest the same way
 * @param cumulativeLogprob sum over {@code tokenIds}; empty when log-probabilities were not needed
 */
public record Choice(
        int index,
        String text,
        List<Integer> tokenIds,
        Optional<String> finishReason,
        List<Float> logprobs,
        List<LikelyTokens> likeliest,
        Optional<Double> cumulativeLogprob) {

    public Choice {
        tokenIds = List.copyOf(tokenIds);
        logprobs = List.copyOf(logprobs);
        likeliest = List.copyOf(likeliest);
    }

    /** The only text of a prompt, without likeliest tokens; the sum of log-probabilities follows from them. */
    public static Choice only(
            String text, List<Integer> tokenIds, Optional<String> finishReason, List<Float> logprobs) {
        Optional<Double> sum = logprobs.isEmpty()
                ? Optional.empty()
                : Optional.of(logprobs.stream().mapToDouble(Float::doubleValue).reduce(0, Double::sum));
        return new Choice(0, text, tokenIds, finishReason, logprobs, List.of(), sum);
    }

    public Choice withIndex(int newIndex) {
        return new Choice(newIndex, text, tokenIds, finishReason, logprobs, likeliest, cumulativeLogprob);
    }

    /** Mean log-probability of a token; of no tokens the least there is. */
    public double meanLogprob() {
        return tokenIds.isEmpty() ? Double.NEGATIVE_INFINITY : cumulativeLogprob.orElseThrow() / tokenIds.size();
    }
}
