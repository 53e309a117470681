package io.llamastreams.engine.request;

/** Why a sequence ended. */
public enum FinishReason {
    /** The model ended the text, a stop token id or stop string came, or its constraint allowed nothing more. */
    STOP,
    /** The wanted number of tokens was made, or the context was full. */
    LENGTH,
    /** The text repeated itself without end. */
    REPETITION,
    /** Somebody cancelled the request. */
    CANCELLED,
    /** The request's deadline passed. */
    EXPIRED
}
