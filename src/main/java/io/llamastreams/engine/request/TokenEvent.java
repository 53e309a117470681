package io.llamastreams.engine.request;

import java.util.List;

/**
 * What the engine tells about a request, in order: what was asked about the prompt, then any number of tokens, then exactly
 * one end.
 */
public sealed interface TokenEvent {

    String requestId();

    /**
     * A token was made.
     *
     * @param sample which of the request's texts gets it, from 0
     * @param logprob natural logarithm of its probability under the model (temperature 1, no truncation); NaN if not asked
     * @param likeliest tokens at its place; none if not asked
     */
    record Token(String requestId, int sample, int token, float logprob, Likeliest likeliest) implements TokenEvent {}

    /**
     * Tokens of the prompt were scored; once, when the prompt is computed.
     *
     * @param logprobs of the prompt's tokens from the first scored one on, each after all before it
     * @param likeliest the same way
     */
    @SuppressWarnings("ArrayRecordComponent") // owned by whoever takes the event
    record PromptScored(String requestId, float[] logprobs, List<Likeliest> likeliest) implements TokenEvent {}

    /**
     * The prompt was embedded.
     *
     * @param values mean over the prompt's tokens of the normalised last hidden state, [embedding length]
     */
    @SuppressWarnings("ArrayRecordComponent") // owned by whoever takes the event
    record Embedded(String requestId, float[] values) implements TokenEvent {}

    /**
     * The request ended well, was cancelled or expired.
     *
     * @param reasons why each of its texts ended
     */
    record Finished(String requestId, List<FinishReason> reasons, RequestStatistics statistics) implements TokenEvent {

        public Finished {
            reasons = List.copyOf(reasons);
        }

        /** Why the first text ended. */
        public FinishReason reason() {
            return reasons.getFirst();
        }
    }

    /** The request ended by an error in the engine; tokens reported so far are void. */
    record Failed(String requestId, String message) implements TokenEvent {}
}
