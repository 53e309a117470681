package io.llamastreams.training.data;

/** A dialogue that cannot be learnt from; the message says which and why. */
public final class DialogueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DialogueException(long index, String problem) {
        super("dialogue " + index + ": " + problem);
    }
}
