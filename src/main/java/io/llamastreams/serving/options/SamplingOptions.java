package io.llamastreams.serving.options;

import java.util.Optional;

/**
 * How tokens are drawn.
 *
 * @param temperature 0 for the most likely token each time
 * @param topK 0 for no limit
 * @param topP 1 for no limit
 * @param minP 0 for no limit
 * @param typicalP 1 for no limit
 * @param penalties of what occurred before
 * @param tokens that are favoured, or may come at all
 * @param seed of the random numbers; derived from the request's id where there is none
 */
public record SamplingOptions(
        double temperature,
        int topK,
        double topP,
        double minP,
        double typicalP,
        PenaltyOptions penalties,
        TokenOptions tokens,
        Optional<Long> seed) {

    /** The most likely token each time. */
    public static final SamplingOptions GREEDY =
            new SamplingOptions(0, 0, 1, 0, 1, PenaltyOptions.NONE, TokenOptions.NONE, Optional.empty());

    /** Without typical-p, penalties and rules. */
    public SamplingOptions(double temperature, int topK, double topP, double minP, Optional<Long> seed) {
        this(temperature, topK, topP, minP, 1, PenaltyOptions.NONE, TokenOptions.NONE, seed);
    }

    public SamplingOptions withTemperature(double newTemperature) {
        return new SamplingOptions(newTemperature, topK, topP, minP, typicalP, penalties, tokens, seed);
    }

    public SamplingOptions withTopK(int newTopK) {
        return new SamplingOptions(temperature, newTopK, topP, minP, typicalP, penalties, tokens, seed);
    }

    public SamplingOptions withTopP(double newTopP) {
        return new SamplingOptions(temperature, topK, newTopP, minP, typicalP, penalties, tokens, seed);
    }

    public SamplingOptions withMinP(double newMinP) {
        return new SamplingOptions(temperature, topK, topP, newMinP, typicalP, penalties, tokens, seed);
    }

    public SamplingOptions withTypicalP(double newTypicalP) {
        return new SamplingOptions(temperature, topK, topP, minP, newTypicalP, penalties, tokens, seed);
    }

    public SamplingOptions withPenalties(PenaltyOptions newPenalties) {
        return new SamplingOptions(temperature, topK, topP, minP, typicalP, newPenalties, tokens, seed);
    }

    public SamplingOptions withTokens(TokenOptions newTokens) {
        return new SamplingOptions(temperature, topK, topP, minP, typicalP, penalties, newTokens, seed);
    }

    public SamplingOptions withSeed(long newSeed) {
        return new SamplingOptions(temperature, topK, topP, minP, typicalP, penalties, tokens, Optional.of(newSeed));
    }
}
