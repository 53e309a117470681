package io.llamastreams.engine.request;

/**
 * What one request cost.
 *
 * @param promptTokens tokens of the prompt, BOS included
 * @param cachedTokens those of them that a shared prefix saved
 * @param completionTokens tokens made, a closing stop token included
 * @param preemptions how often the sequence lost its memory and was computed again
 * @param queueNanos from submission to the first step that computed something of it
 * @param prefillNanos from there to its first new token
 * @param decodeNanos from there to its end
 */
public record RequestStatistics(
        int promptTokens,
        int cachedTokens,
        int completionTokens,
        int preemptions,
        long queueNanos,
        long prefillNanos,
        long decodeNanos) {}
