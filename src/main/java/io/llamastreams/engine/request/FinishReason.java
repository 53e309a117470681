package io.llamastreams.engine.request;

/** Why a sequence ended. */
public enum FinishReason {
    /** The model ended the text, or a stop token id or stop string came. */
    STOP,
    /** The wanted number of tokens was made, or the context was full. */
    LENGTH,
    /** Somebody cancelled the request. */
    CANCELLED
}
