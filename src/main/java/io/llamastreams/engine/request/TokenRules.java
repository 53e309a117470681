package io.llamastreams.engine.request;

import java.util.List;
import java.util.Map;

/**
 * Which tokens are favoured, and which may come at all, whatever the model says.
 *
 * @param logitBias added to the logits of these tokens
 * @param badWords sequences of tokens that must not occur in the text: the last token of one cannot follow the others
 * @param allowedTokenIds only these may be drawn; empty for all
 * @param minTokens tokens that the text has at least: before, no stop token can be drawn
 */
public record TokenRules(
        Map<Integer, Float> logitBias, List<List<Integer>> badWords, List<Integer> allowedTokenIds, int minTokens) {

    public static final TokenRules NONE = new TokenRules(Map.of(), List.of(), List.of(), 0);

    public TokenRules {
        logitBias = Map.copyOf(logitBias);
        badWords = badWords.stream().map(List::copyOf).toList();
        allowedTokenIds = List.copyOf(allowedTokenIds);
        if (badWords.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("bad_words: expected at least one token each, found none");
        }
        if (minTokens < 0) {
            throw new IllegalArgumentException("min_tokens: expected at least 0, found " + minTokens);
        }
    }

    public boolean isNone() {
        return equals(NONE);
    }
}
