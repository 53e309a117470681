package io.llamastreams.serving.result;

/**
 * Cuts a growing text at the first stop string: the one that is complete first, of those complete at the same character the
 * longest. What may be the begin of a stop string is held back until it is decided. One owner.
 */
final class StopMatcher {
    private final StopStrings stops;
    private final StringBuilder held = new StringBuilder();
    private int state = StopStrings.START;
    private boolean stopped;

    StopMatcher(StopStrings stops) {
        this.stops = stops;
    }

    /** Whether a stop string was found: the text is at its end. */
    boolean isStopped() {
        return stopped;
    }

    /** Takes more text and puts what is certain to stay behind {@code out}. Nothing more stays once it has stopped. */
    void append(CharSequence text, StringBuilder out) {
        for (int i = 0; i < text.length() && !stopped; i++) {
            char c = text.charAt(i);
            held.append(c);
            state = stops.next(state, c);
            int length = stops.matchLength(state);
            if (length > 0) {
                stopped = true;
                held.setLength(held.length() - length);
            }
        }
        release(out);
    }

    /** As {@link #append}, but a stop string that this text completes ends nothing; a later one may begin in it. */
    void appendWithoutStop(CharSequence text, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            held.append(c);
            state = stops.next(state, c);
        }
        release(out);
    }

    private void release(StringBuilder out) {
        int certain = stopped ? held.length() : held.length() - stops.pendingLength(state);
        out.append(held, 0, certain);
        held.delete(0, certain);
    }

    /** Says that the text ends here: what was held back stays. */
    void end(StringBuilder out) {
        out.append(held);
        held.setLength(0);
        state = StopStrings.START;
    }
}
