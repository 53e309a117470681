package io.llamastreams.engine.request;

/**
 * The likeliest tokens at one place, likeliest first, of equals the lower id.
 *
 * @param tokens ids
 * @param logprobs natural logarithms of their probabilities under the model (temperature 1, no truncation)
 */
@SuppressWarnings("ArrayRecordComponent") // made for each token; owned by whoever takes the event
public record Likeliest(int[] tokens, float[] logprobs) {
    public static final Likeliest NONE = new Likeliest(new int[0], new float[0]);
}
