package io.llamastreams.engine.request;

/**
 * Says which tokens may come next in one text. Advanced token by token; used by one thread at a time, which may be another
 * one each time. If it throws, its request fails alone.
 */
public interface TokenConstraint {

    /**
     * Clears the bits of tokens that must not come next. Leaves at least one of those it finds set, if the text is not
     * {@link #isEnded ended}.
     *
     * @param allowed a bit for each token id, by {@code id / 64}; all set on entry
     * @param tokensLeft tokens that the text may still get, this one included: none is left allowed after which it could not be
     *     completed with the rest
     */
    void mask(long[] allowed, int tokensLeft);

    /** Takes the next token of the text. */
    void accept(int token);

    /** Whether the text is whole and nothing but a stop token can follow. */
    boolean isEnded();
}
