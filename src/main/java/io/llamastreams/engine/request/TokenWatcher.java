package io.llamastreams.engine.request;

/**
 * Sees the tokens of one request as they are made and may end it. Engine thread only; must be quick and must not block. If
 * it throws, its request fails alone.
 */
@FunctionalInterface
public interface TokenWatcher {

    /** A watcher that never ends a request. */
    TokenWatcher NONE = token -> false;

    /**
     * Takes the next token. A stop token, which is no part of the text, is not shown.
     *
     * @return true if this token completes a stop string: the request ends with it
     */
    boolean endsWith(int token);
}
