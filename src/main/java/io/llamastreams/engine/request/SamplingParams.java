package io.llamastreams.engine.request;

/**
 * How a token is drawn from logits, in this order: token rules and constraint, penalties, temperature, top-k, typical-p,
 * top-p, min-p, draw. Each cut works on what the one before left. Names and meanings are those of vLLM and llama.cpp, where they
 * agree; see the description of {@code engine.sampling} where not.
 *
 * @param temperature 0 takes the most likely token (greedy); otherwise logits are divided by it
 * @param topK only the k most likely tokens may be drawn; 0 for all
 * @param topP only the smallest set of tokens whose probabilities add up to at least this may be drawn; 1 for all
 * @param minP only tokens at least this times as likely as the most likely one that is left may be drawn; 0 for all
 * @param typicalP only the smallest set of tokens whose surprise is nearest to the expected one and whose probabilities add
 *     up to more than this may be drawn; 1 for all. Source: Meister et al. 2023, "Locally Typical Sampling", section 3
 * @param penalties of what occurred before
 * @param rules of single tokens
 * @param seed of the random numbers; equal seeds give equal texts
 */
public record SamplingParams(
        float temperature,
        int topK,
        float topP,
        float minP,
        float typicalP,
        Penalties penalties,
        TokenRules rules,
        long seed) {

    /** Always the most likely token; of equals the one with the lower id. */
    public static final SamplingParams GREEDY = new SamplingParams(0f, 0, 1f, 0f, 0L);

    public SamplingParams {
        if (!(temperature >= 0) || !Float.isFinite(temperature)) {
            throw new IllegalArgumentException("temperature: expected a number of at least 0, found " + temperature);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top_k: expected at least 0, found " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top_p: expected a number above 0 and up to 1, found " + topP);
        }
        if (!(minP >= 0 && minP <= 1)) {
            throw new IllegalArgumentException("min_p: expected a number from 0 to 1, found " + minP);
        }
        if (!(typicalP > 0 && typicalP <= 1)) {
            throw new IllegalArgumentException("typical_p: expected a number above 0 and up to 1, found " + typicalP);
        }
    }

    /** Without typical-p, penalties and rules. */
    public SamplingParams(float temperature, int topK, float topP, float minP, long seed) {
        this(temperature, topK, topP, minP, 1f, Penalties.NONE, TokenRules.NONE, seed);
    }

    public boolean isGreedy() {
        return temperature == 0;
    }
}
