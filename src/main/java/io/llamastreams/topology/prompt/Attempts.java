package io.llamastreams.topology.prompt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    private final TaskFairness.Part share;

    /** The last of those that were found at the start; keys sort by offset. Empty if there were none. */
    private final String lastFound;

    /** Attempts of prompts found at the start that ended with the worker, but for the first. */
    private final Map<String, Deaths> deaths = new HashMap<>();

    /** Found at the start, and noted as handed over since. */
    private final Set<String> noted = new HashSet<>();

    /** Those of them whose notes may not be committed yet. */
    private final Set<String> uncommitted = new HashSet<>();

    private Level runningLevel = Level.FREE;

    /**
     * How often a prompt's worker died.
     *
     * @param all of its attempts that ended so, but for the first
     * @param alone those of them in which it was alone in the engine
     */
    private record Deaths(int all, int alone) {
        static final Deaths NONE = new Deaths(0, 0);

        Deaths plus(Level attempt) {
            return new Deaths(all + 1, attempt == Level.ALONE ? alone + 1 : alone);
        }
    }

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
            TaskFairness.Part share) {
        this.pending = pending;
        this.peers = peers;
        this.max = max;
        this.notesAhead = notesAhead;
        this.quarantine = quarantine;
        this.share = share;
        lastFound = pending.keys().stream().max(Comparator.naturalOrder()).orElse("");
        Map<String, Boolean> gone = new HashMap<>();
        for (String key : pending.noted(PendingPrompts.Note.TRIES)) {
            ByteBuffer note = pending.note(key, PendingPrompts.Note.TRIES).orElseThrow();
            Deaths before = new Deaths(note.getInt(), note.getInt());
            Deaths now = new Deaths(note.getInt(), note.getInt());
            String run = StandardCharsets.UTF_8.decode(note).toString();
            boolean died = !run.equals(peers.run()) && gone.computeIfAbsent(run, peers::isGone);
            deaths.put(key, died ? now : before);
        }
    }

    /** Notes that were written in an earlier tick are committed by now: each thread commits on request after punctuation. */
    void beginTick() {
        uncommitted.clear();
    }

    /** Whether a prompt that came just now may go to the engine, if nothing stands in line. */
    boolean admitsNew() {
        return decide(Level.FREE) == Verdict.GO;
    }

    /** Whether the first in line may go to the engine. */
    Verdict verdict(String storeKey) {
        Level level = level(storeKey);
        if (level == Level.NONE) {
            return Verdict.GIVE_UP;
        }
        if (needsNote(storeKey) || uncommitted.contains(storeKey)) {
            return Verdict.WAIT;
        }
        return decide(level);
    }

    private Verdict decide(Level level) {
        boolean goes = switch (level) {
            case FREE -> {
                if (quarantine.isMine() && pending.running() == 0) {
                    quarantine.leave();
                }
                yield !quarantine.isMine() && !quarantine.isElsewhere();
            }
            case GROUP, ALONE ->
                isAlone()
                        || quarantine.isMine()
                                && level == Level.GROUP
                                && runningLevel == Level.GROUP
                                && pending.running() < GROUP;
            case NONE -> false;
        };
        if (goes) {
            runningLevel = level;
        }
        return goes ? Verdict.GO : Verdict.WAIT;
    }

    /** Whether nothing is in the engine, and nothing of another task will be. */
    private boolean isAlone() {
        return quarantine.tryEnter() && share.othersRunning() == 0 && pending.running() == 0;
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
        String first = pending.firstInLine();
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
        List<String> next = pending.inLine(notesAhead);
        return next.stream().limit((notesAhead + 1) / 2).anyMatch(this::needsNote) && note(next, Level.FREE);
    }

    private boolean note(List<String> line, Level level) {
        boolean some = false;
        for (String key : line) {
            if (!wasFound(key) || level(key) != level) {
                break;
            }
            if (needsNote(key)) {
                write(key, deaths(key), deaths(key).plus(level));
                noted.add(key);
                uncommitted.add(key);
                some = true;
            }
        }
        return some;
    }

    private boolean needsNote(String storeKey) {
        return wasFound(storeKey) && !noted.contains(storeKey);
    }

    private void quarantineEndsWithItsPrompts() {
        if (quarantine.isMine() && pending.size() == 0) {
            quarantine.leave();
        }
    }

    private boolean wasFound(String storeKey) {
        return storeKey.compareTo(lastFound) <= 0;
    }

    private Level level(String storeKey) {
        if (!wasFound(storeKey)) {
            return Level.FREE;
        }
        if (deaths(storeKey).alone() >= DEATHS_ALONE) {
            return Level.NONE;
        }
        int attempt = deaths(storeKey).all() + 2;
        if (attempt >= max - 1) {
            return Level.ALONE;
        }
        return attempt == max - 2 ? Level.GROUP : Level.FREE;
    }

    private Deaths deaths(String storeKey) {
        return deaths.getOrDefault(storeKey, Deaths.NONE);
    }

    /** Why a prompt is given up. */
    String reason(String storeKey) {
        return "tried " + (deaths(storeKey).all() + 1) + " times, and its worker died each time; in the last "
                + DEATHS_ALONE + " attempts it was alone in the engine";
    }

    /** The text of a prompt was stored with new tokens: what came before does not count. */
    void progressed(String storeKey) {
        deaths.remove(storeKey);
        pending.forget(storeKey, PendingPrompts.Note.TRIES);
    }

    void end(String storeKey) {
        deaths.remove(storeKey);
        noted.remove(storeKey);
        uncommitted.remove(storeKey);
    }

    /** The worker stops in order: attempts of prompts that are noted now, but not running, do not count. */
    void withdrawWaiting() {
        List<String> waiting =
                noted.stream().filter(key -> !pending.isRunning(key)).toList();
        waiting.forEach(this::withdraw);
    }

    /** A prompt came back from the engine without having ended: the attempt does not count. */
    void withdraw(String storeKey) {
        if (noted.remove(storeKey)) {
            Deaths before = deaths(storeKey);
            if (before.equals(Deaths.NONE)) {
                pending.forget(storeKey, PendingPrompts.Note.TRIES);
            } else {
                write(storeKey, before, before);
            }
        }
    }

    /**
     * Notes an attempt.
     *
     * @param before deaths before it, which count if it comes to another end
     * @param after deaths if it ends with this run
     */
    private void write(String storeKey, Deaths before, Deaths after) {
        byte[] run = peers.run().getBytes(StandardCharsets.UTF_8);
        pending.note(
                storeKey,
                PendingPrompts.Note.TRIES,
                ByteBuffer.allocate(4 * Integer.BYTES + run.length)
                        .putInt(before.all())
                        .putInt(before.alone())
                        .putInt(after.all())
                        .putInt(after.alone())
                        .put(run)
                        .array());
    }
}
