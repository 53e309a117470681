package io.llamastreams.engine.request;

/**
 * How a token is drawn from logits, in this order: temperature, top-k, top-p, min-p, draw.
 *
 * @param temperature 0 takes the most likely token (greedy); otherwise logits are divided by it
 * @param topK only the k most likely tokens may be drawn; 0 for all
 * @param topP only the smallest set of tokens whose probabilities add up to at least this may be drawn; 1 for all
 * @param minP only tokens at least this times as likely as the most likely one may be drawn; 0 for all
 * @param seed of the random numbers; equal seeds give equal texts
 */
public record SamplingParams(float temperature, int topK, float topP, float minP, long seed) {

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
    }

    public boolean isGreedy() {
        return temperature == 0;
    }
}
