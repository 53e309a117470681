package io.llamastreams.serving;

/**
 * What a completion cost.
 *
 * @param promptTokens tokens of the prompt, BOS included
 * @param cachedTokens those of them that a shared prefix saved
 * @param completionTokens tokens made, a closing stop token included
 */
public record Usage(
        int promptTokens,
        int cachedTokens,
        int completionTokens,
        long queueNanos,
        long prefillNanos,
        long decodeNanos) {

    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0);
}
