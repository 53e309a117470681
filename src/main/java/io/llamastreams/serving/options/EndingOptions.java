package io.llamastreams.serving.options;

import java.util.List;
import java.util.Optional;

/**
 * When a text ends.
 *
 * @param maxNewTokens most tokens to make; the context may end the text sooner
 * @param minTokens tokens that the text has at least: before, neither EOS nor a stop token or stop string ends it
 * @param stop strings that end the text; the text is cut before them
 * @param stopTokenIds tokens that end the text besides EOS
 * @param ignoreEos whether the text goes on after EOS
 * @param repetition when a text counts as endless repetition
 */
public record EndingOptions(
        int maxNewTokens,
        int minTokens,
        List<String> stop,
        List<Integer> stopTokenIds,
        boolean ignoreEos,
        Optional<Repetition> repetition) {

    public static final int DEFAULT_MAX_NEW_TOKENS = 256;

    /** At EOS, or after 256 tokens. */
    public static final EndingOptions DEFAULT =
            new EndingOptions(DEFAULT_MAX_NEW_TOKENS, 0, List.of(), List.of(), false, Optional.empty());

    /**
     * The text's last tokens are one pattern, again and again.
     *
     * @param maxPatternTokens longest pattern that is looked for
     * @param repetitions how often it stands at the end of the text, one after the other
     */
    public record Repetition(int maxPatternTokens, int repetitions) {}

    public EndingOptions {
        stop = List.copyOf(stop);
        stopTokenIds = List.copyOf(stopTokenIds);
    }

    public EndingOptions withMaxNewTokens(int newMaxNewTokens) {
        return new EndingOptions(newMaxNewTokens, minTokens, stop, stopTokenIds, ignoreEos, repetition);
    }

    public EndingOptions withMinTokens(int newMinTokens) {
        return new EndingOptions(maxNewTokens, newMinTokens, stop, stopTokenIds, ignoreEos, repetition);
    }

    public EndingOptions withStop(List<String> newStop) {
        return new EndingOptions(maxNewTokens, minTokens, newStop, stopTokenIds, ignoreEos, repetition);
    }

    public EndingOptions withStopTokenIds(List<Integer> newStopTokenIds) {
        return new EndingOptions(maxNewTokens, minTokens, stop, newStopTokenIds, ignoreEos, repetition);
    }

    /** Lets the text go on after EOS. */
    public EndingOptions ignoringEos() {
        return withIgnoreEos(true);
    }

    public EndingOptions withIgnoreEos(boolean newIgnoreEos) {
        return new EndingOptions(maxNewTokens, minTokens, stop, stopTokenIds, newIgnoreEos, repetition);
    }

    public EndingOptions withRepetition(Repetition newRepetition) {
        return new EndingOptions(maxNewTokens, minTokens, stop, stopTokenIds, ignoreEos, Optional.of(newRepetition));
    }
}
