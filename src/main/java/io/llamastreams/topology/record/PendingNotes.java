package io.llamastreams.topology.record;

import java.util.List;
import java.util.Optional;

/**
 * What is noted of a pending prompt, beside it in the store.
 *
 * @param made tokens that its text had when it was last stored
 * @param attempt the last one at it; empty while nothing is held against it
 * @param first key of the same prompt that came before, whose end is this one's
 */
public record PendingNotes(List<Integer> made, Optional<Attempt> attempt, Optional<String> first) {
    public static final PendingNotes NONE = new PendingNotes(List.of(), Optional.empty(), Optional.empty());

    /**
     * An attempt at a prompt.
     *
     * @param before deaths before it, which count if it comes to another end
     * @param after deaths if it ends with its run
     * @param run of the service
     */
    public record Attempt(Deaths before, Deaths after, String run) {}

    /**
     * How often a prompt's worker died.
     *
     * @param all of its attempts that ended so, but for the first
     * @param alone those of them in which it was alone in the engine
     */
    public record Deaths(int all, int alone) {
        public static final Deaths NONE = new Deaths(0, 0);
    }

    public PendingNotes {
        made = List.copyOf(made);
    }

    public static PendingNotes ofMade(List<Integer> made) {
        return NONE.withMade(made);
    }

    public PendingNotes withMade(List<Integer> newMade) {
        return new PendingNotes(newMade, attempt, first);
    }

    public PendingNotes withAttempt(Attempt newAttempt) {
        return new PendingNotes(made, Optional.of(newAttempt), first);
    }

    public PendingNotes withoutAttempt() {
        return new PendingNotes(made, Optional.empty(), first);
    }

    public PendingNotes withFirst(String newFirst) {
        return new PendingNotes(made, attempt, Optional.of(newFirst));
    }

    public PendingNotes withoutFirst() {
        return new PendingNotes(made, attempt, Optional.empty());
    }
}
