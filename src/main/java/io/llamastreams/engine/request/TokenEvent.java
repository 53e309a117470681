package io.llamastreams.engine.request;

/** What the engine tells about a request, in order: any number of tokens, then exactly one end. */
public sealed interface TokenEvent {

    String requestId();

    /**
     * A token was made.
     *
     * @param logprob natural logarithm of its probability under the model (temperature 1, no truncation); NaN if not asked
     */
    record Token(String requestId, int token, float logprob) implements TokenEvent {}

    /** The request ended well or was cancelled. */
    record Finished(String requestId, FinishReason reason, RequestStatistics statistics) implements TokenEvent {}

    /** The request ended by an error in the engine; tokens reported so far are void. */
    record Failed(String requestId, String message) implements TokenEvent {}
}
