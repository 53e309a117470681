package io.llamastreams.topology.prompt;

import io.llamastreams.topology.record.PendingNotes;
import io.llamastreams.topology.record.PendingNotes.Deaths;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often prompts were tried whose worker died each time, so that one that kills its worker fails at last, and it alone.
 *
 * <p>A prompt's first attempt leaves no trace. What a task finds in its store at the start was perhaps being computed when the
 * worker before died: each of these gets a note, and goes to the engine only when the note is committed. So a prompt that kills
 * the worker has one more each time:
 *
 * <pre>
 *   attempt   2 .. max - 3   max - 2                        max - 1, max           after that
 *             as any other   with few others of its kind,   alone in the engine    FAILED
 *                            nothing else in the engine
 * </pre>
 *
 * Those that were only beside it end well in the meantime, and a worker that dies for another reason while a prompt is alone in
 * the engine would have to do so twice: these two deaths decide, whatever came before. Notes are written for little more than
 * what the engine takes next, since all of them count where the worker dies. An attempt is not counted that ended because the
 * partition went to another worker or the worker was told to stop, nor any before the text was last stored with new tokens.
 * StreamThread of its task.
 */
public final class Attempts {
    /** Deaths of its worker while it was alone in the engine after which a prompt is given up. */
    private static final int DEATHS_ALONE = 2;

    /** Prompts that are under suspicion together. */
    public static final int GROUP = 16;

    private final PendingPrompts pending;
    private final Peers peers;
    private final int max;
    private final int notesAhead;
    private final Quarantine.Part quarantine;
    private final TaskFairness.Quota quota;

    /** Ticks that have begun. */
    private long tick;

    private boolean stops;
    private Level runningLevel = Level.FREE;

    /** Whether a prompt may go to the engine. */
    enum Verdict {
        GO,
        WAIT,
        GIVE_UP
    }

    private enum Level {
        FREE,
        GROUP,
        ALONE,
        NONE
    }

    /**
     * Reads the notes of prompts that were found at the start.
     *
     * @param max attempts at a prompt whose worker dies each time, at least 3
     * @param notesAhead prompts in line that have a note at most, so that the engine need not wait for commits
     */
    Attempts(
            PendingPrompts pending,
            Peers peers,
            int max,
            int notesAhead,
            Quarantine.Part quarantine,
            TaskFairness.Quota quota) {
        this.pending = pending;
        this.peers = peers;
        this.max = max;
        this.notesAhead = notesAhead;
        this.quarantine = quarantine;
        this.quota = quota;
        Map<String, Boolean> gone = new HashMap<>();
        for (PendingEntry entry : pending.all()) {
            pending.notes(entry).attempt().ifPresent(attempt -> {
                String run = attempt.run();
                boolean died = !run.equals(peers.run()) && gone.computeIfAbsent(run, peers::isGone);
                entry.setDeaths(died ? attempt.after() : attempt.before());
            });
        }
    }

    /** Notes that were written in an earlier tick are committed by now: each thread commits on request after punctuation. */
    void beginTick() {
        tick++;
    }

    /** Whether a prompt that came just now may go to the engine, if nothing stands in line. */
    boolean admitsNew() {
        return decide(Level.FREE) == Verdict.GO;
    }

    /** Whether the first in line may go to the engine. */
    Verdict verdict(PendingEntry entry) {
        Level level = level(entry);
        if (level == Level.NONE) {
            return Verdict.GIVE_UP;
        }
        if (needsNote(entry) || entry.isNotedIn(tick)) {
            return Verdict.WAIT;
        }
        return decide(level);
    }

    private Verdict decide(Level level) {
        boolean goes = switch (level) {
            case FREE -> {
                if (quarantine.isMine() && pending.inEngine().isEmpty()) {
                    quarantine.leave();
                }
                yield !quarantine.isMine() && !quarantine.isElsewhere();
            }
            case GROUP, ALONE ->
                isAlone()
                        || quarantine.isMine()
                                && level == Level.GROUP
                                && runningLevel == Level.GROUP
                                && pending.inEngine().size() < GROUP;
            case NONE -> false;
        };
        if (goes) {
            runningLevel = level;
        }
        return goes ? Verdict.GO : Verdict.WAIT;
    }

    /** Whether nothing is in the engine, and nothing of another task will be. */
    private boolean isAlone() {
        return quarantine.tryEnter()
                && quota.othersRunning() == 0
                && pending.inEngine().isEmpty();
    }

    /**
     * Notes prompts at the beginning of the line as handed over, if they must be noted and may go soon. In a tick.
     *
     * @return whether there is something to commit
     */
    boolean note() {
        quarantineEndsWithItsPrompts();
        if (!pending.hasLine()) {
            return false;
        }
        PendingEntry first = pending.firstInLine();
        Level level = level(first);
        return switch (level) {
            case FREE -> noteAhead();
            // before that it cannot go, so nothing must be held against it
            case GROUP, ALONE ->
                needsNote(first) && isAlone() && note(pending.inLine(level == Level.ALONE ? 1 : GROUP), level);
            case NONE -> false;
        };
    }

    /** As soon as half of the notes are used up. */
    private boolean noteAhead() {
        if (!wasFound(pending.firstInLine())) {
            return false;
        }
        List<PendingEntry> next = pending.inLine(notesAhead);
        return next.stream().limit((notesAhead + 1) / 2).anyMatch(this::needsNote) && note(next, Level.FREE);
    }

    private boolean note(List<PendingEntry> line, Level level) {
        boolean some = false;
        for (PendingEntry entry : line) {
            if (!wasFound(entry) || level(entry) != level) {
                break;
            }
            if (needsNote(entry)) {
                write(entry, oneMore(entry.deaths(), level));
                entry.setNotedIn(tick);
                some = true;
            }
        }
        return some;
    }

    private static Deaths oneMore(Deaths deaths, Level attempt) {
        return new Deaths(deaths.all() + 1, attempt == Level.ALONE ? deaths.alone() + 1 : deaths.alone());
    }

    private boolean needsNote(PendingEntry entry) {
        return wasFound(entry) && !entry.isNoted();
    }

    private void quarantineEndsWithItsPrompts() {
        if (quarantine.isMine() && pending.size() == 0) {
            quarantine.leave();
        }
    }

    /** Keys sort by offset. */
    private boolean wasFound(PendingEntry entry) {
        return entry.storeKey().compareTo(pending.lastFoundKey()) <= 0;
    }

    private Level level(PendingEntry entry) {
        if (!wasFound(entry)) {
            return Level.FREE;
        }
        if (entry.deaths().alone() >= DEATHS_ALONE) {
            return Level.NONE;
        }
        int attempt = entry.deaths().all() + 2;
        if (attempt >= max - 1) {
            return Level.ALONE;
        }
        return attempt == max - 2 ? Level.GROUP : Level.FREE;
    }

    /** Why a prompt is given up. */
    String reason(PendingEntry entry) {
        return "tried " + (entry.deaths().all() + 1) + " times, and its worker died each time; in the last "
                + DEATHS_ALONE + " attempts it was alone in the engine";
    }

    /** The text of a running prompt has grown: what it has is noted, and what came before does not count. */
    void progressed(PendingEntry entry, List<Integer> made) {
        entry.setDeaths(Deaths.NONE);
        pending.note(entry, PendingNotes.ofMade(made));
    }

    /** The worker stops in order: attempts of prompts that are noted now, but not running, do not count. */
    void withdrawWaiting() {
        if (!stops) {
            stops = true;
            pending.all().stream().filter(PendingEntry::isOutsideEngine).forEach(this::withdraw);
        }
    }

    /** A prompt is not in the engine and has not ended: the attempt does not count. */
    void withdraw(PendingEntry entry) {
        if (!entry.isNoted()) {
            return;
        }
        entry.setNotNoted();
        if (entry.deaths().equals(Deaths.NONE)) {
            pending.note(entry, pending.notes(entry).withoutAttempt());
        } else {
            write(entry, entry.deaths());
        }
    }

    /**
     * Notes an attempt.
     *
     * @param after deaths if it ends with this run
     */
    private void write(PendingEntry entry, Deaths after) {
        pending.note(
                entry, pending.notes(entry).withAttempt(new PendingNotes.Attempt(entry.deaths(), after, peers.run())));
    }
}
