package io.llamastreams.serving.options;

import java.util.List;
import java.util.Map;

/**
 * Tokens that are favoured, and which may come at all.
 *
 * @param logitBias by token id, added to its logit
 * @param badWords words that must not occur in the text
 * @param allowedTokenIds only these may be drawn; empty for all
 */
public record TokenOptions(Map<Integer, Double> logitBias, List<String> badWords, List<Integer> allowedTokenIds) {

    public static final TokenOptions NONE = new TokenOptions(Map.of(), List.of(), List.of());

    public TokenOptions {
        logitBias = Map.copyOf(logitBias);
        badWords = List.copyOf(badWords);
        allowedTokenIds = List.copyOf(allowedTokenIds);
    }

    public TokenOptions withLogitBias(Map<Integer, Double> newLogitBias) {
        return new TokenOptions(newLogitBias, badWords, allowedTokenIds);
    }

    public TokenOptions withBadWords(List<String> newBadWords) {
        return new TokenOptions(logitBias, newBadWords, allowedTokenIds);
    }

    public TokenOptions withAllowedTokenIds(List<Integer> newAllowedTokenIds) {
        return new TokenOptions(logitBias, badWords, newAllowedTokenIds);
    }
}
