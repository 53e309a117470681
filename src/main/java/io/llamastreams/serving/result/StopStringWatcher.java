package io.llamastreams.serving.result;

import io.llamastreams.engine.request.TokenWatcher;
import io.llamastreams.tokenizer.TextDecoder;

/** Reads the text along on the engine thread, to end it at the very token that completes a stop string. */
public final class StopStringWatcher implements TokenWatcher {
    private final TextDecoder decoder;
    private final StopMatcher matcher;
    private final int minTokens;
    private final StringBuilder decoded = new StringBuilder();
    private final StringBuilder passed = new StringBuilder();
    private int tokens;

    /**
     * Begins with the text.
     *
     * @param decoder at the end of the prompt; the watcher's own from now on
     * @param minTokens tokens before which a stop string does not end the text
     */
    public StopStringWatcher(TextDecoder decoder, StopStrings stops, int minTokens) {
        this.decoder = decoder;
        this.minTokens = minTokens;
        matcher = new StopMatcher(stops);
    }

    @Override
    public boolean endsWith(int token) {
        decoded.setLength(0);
        passed.setLength(0);
        decoder.append(token, decoded);
        if (++tokens > minTokens) {
            matcher.append(decoded, passed);
        } else {
            matcher.appendWithoutStop(decoded, passed);
        }
        return matcher.isStopped();
    }
}
