package io.llamastreams.topology.prompt;

import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.PendingNotes;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One pending prompt of a task, without its text, which lies in the store: where it stands, and what is known of it besides.
 * Entries are kept by {@link PendingPrompts}, which alone moves them on. StreamThread of its task.
 *
 * <p>There may be a million of them that only wait: what is known of few lies in an object of its own, and an entry is itself
 * the key that it is found by, equal to any other of the same prompt record.
 */
final class PendingEntry {
    /**
     * Where a prompt stands.
     *
     * <pre>
     *     .----------- engine accepts it at once ------------.
     *     |                                                  v
     *    NEW --- busy, or found in the store --> WAITING --> RUNNING --- asked back --> RECALLED
     *     |                                       ^   ^                                    |
     *     |                the other one failed --'   '--- given back, with its tokens ----'
     *     |                  |
     *     '--- same as another, whose end it takes --> FOLLOWING
     *
     *    WAITING, RUNNING, RECALLED, FOLLOWING --> ENDED
     * </pre>
     */
    enum State {
        /** Not pending yet. */
        NEW,
        /** In line for the engine. */
        WAITING,
        /** In the engine. */
        RUNNING,
        /** In the engine, which was asked to give it back and may end it before. */
        RECALLED,
        /** In no line: ends when the same prompt does that came before. */
        FOLLOWING,
        /** Not pending any more. */
        ENDED;

        /** Whether the diagram has an arrow from here to there. */
        boolean leadsTo(State next) {
            return switch (this) {
                case NEW -> next == WAITING || next == RUNNING || next == FOLLOWING;
                case WAITING -> next == RUNNING || next == ENDED;
                case RUNNING -> next == RECALLED || next == ENDED;
                case RECALLED, FOLLOWING -> next == WAITING || next == ENDED;
                case ENDED -> false;
            };
        }

        boolean isInEngine() {
            return this == RUNNING || this == RECALLED;
        }
    }

    private static final int NOT_NOTED = -1;

    private final String topic;
    private final int partition;
    private final long offset;
    private State state = State.NEW;

    /** Null where all of it has its first value. */
    private Details details;

    /** What is known of few. */
    private static final class Details {
        final Set<StoredNotes.Form> forms = EnumSet.noneOf(StoredNotes.Form.class);
        final SortedSet<PendingEntry> followers = new TreeSet<>(Comparator.comparing(PendingEntry::storeKey));
        PendingEntry first;
        PendingNotes.Deaths deaths = PendingNotes.Deaths.NONE;
        long notedInTick = NOT_NOTED;
        List<Integer> recalled = List.of();
        int storedTokens;
        long storedNanos;
    }

    /** Of a prompt that is new. */
    PendingEntry(Origin origin) {
        topic = origin.topic().intern(); // comes anew with each record that is read
        partition = origin.partition();
        offset = origin.offset();
    }

    Origin origin() {
        return new Origin(topic, partition, offset);
    }

    /** Its key in the store, and its name in the engine. */
    String storeKey() {
        return origin().storeKey();
    }

    State state() {
        return state;
    }

    boolean hasEnded() {
        return state == State.ENDED;
    }

    /** Whether it is pending and not in the engine. */
    boolean isOutsideEngine() {
        return state == State.WAITING || state == State.FOLLOWING;
    }

    /** @throws IllegalStateException if the diagram of {@link State} has no such arrow */
    void setState(State next) {
        if (!state.leadsTo(next)) {
            throw new IllegalStateException(
                    "pending prompt " + storeKey() + ": expected no way from " + state + " to " + next);
        }
        state = next;
        if (next == State.ENDED) {
            details = null; // a line, a look at all or a deadline may hold it for long
        }
    }

    private Details details() {
        if (details == null) {
            details = new Details();
        }
        return details;
    }

    /** Forms in which notes of it lie in the store. */
    Set<StoredNotes.Form> noteForms() {
        return details == null ? Set.of() : Set.copyOf(details.forms);
    }

    void addNoteForm(StoredNotes.Form form) {
        details().forms.add(form);
    }

    void removeNoteForm(StoredNotes.Form form) {
        details().forms.remove(form);
    }

    /** Those that end when this one does, in the order of their keys. */
    List<PendingEntry> followers() {
        return details == null ? List.of() : List.copyOf(details.followers);
    }

    /** From now on it ends when the other one does. */
    void follow(PendingEntry first) {
        unfollow();
        details().first = first;
        first.details().followers.add(this);
    }

    /** It ends when no other one does. */
    void unfollow() {
        if (details != null && details.first != null) {
            if (details.first.details != null) {
                details.first.details.followers.remove(this);
            }
            details.first = null;
        }
    }

    /** How often its worker died, as far as it counts. */
    PendingNotes.Deaths deaths() {
        return details == null ? PendingNotes.Deaths.NONE : details.deaths;
    }

    void setDeaths(PendingNotes.Deaths deaths) {
        details().deaths = deaths;
    }

    /** Whether it is noted as handed over. */
    boolean isNoted() {
        return details != null && details.notedInTick != NOT_NOTED;
    }

    /** Whether it was noted as handed over in that tick. */
    boolean isNotedIn(long tick) {
        return details != null && details.notedInTick == tick;
    }

    /** @param tick not negative */
    void setNotedIn(long tick) {
        details().notedInTick = tick;
    }

    void setNotNoted() {
        details().notedInTick = NOT_NOTED;
    }

    /** What its text has that was asked back; the list grows until the engine has ended it. */
    List<Integer> recalled() {
        return details().recalled;
    }

    void setRecalled(List<Integer> made) {
        details().recalled = made;
    }

    /** Tokens of its running text that are stored. */
    int storedTokens() {
        return details().storedTokens;
    }

    /** Since when they are. */
    long storedNanos() {
        return details().storedNanos;
    }

    void setStored(int tokens, long nowNanos) {
        details().storedTokens = tokens;
        details().storedNanos = nowNanos;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PendingEntry entry
                && offset == entry.offset
                && partition == entry.partition
                && topic.equals(entry.topic);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * topic.hashCode() + partition) + Long.hashCode(offset);
    }
}
