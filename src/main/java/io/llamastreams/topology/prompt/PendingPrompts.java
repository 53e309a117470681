package io.llamastreams.topology.prompt;

import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.PendingNotes;
import io.llamastreams.topology.record.PendingPrompt;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.StoredSerde;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The prompts of a task that have not ended: all of them in the changelogged store, with what is {@linkplain StoredNotes noted}
 * of them, and an {@linkplain PendingEntry entry} for each in memory. The orders in which they wait and run follow the entries'
 * states, which are changed here only. StreamThread of its task.
 */
final class PendingPrompts {
    private final KeyValueStore<String, byte[]> store;
    private final StoredSerde<PendingPrompt> serde = new StoredSerde<>(RecordMappings.PENDING);
    private final StoredNotes notes;
    private final Map<PendingEntry, PendingEntry> entries = new HashMap<>();

    /** Those that wait; may have some that have ended, which are left away when their turn comes. */
    private final Deque<PendingEntry> line = new ArrayDeque<>();

    /** Those that are in the engine, in the order in which they went there. */
    private final Set<PendingEntry> inEngine = new LinkedHashSet<>();

    /** Keys of notes that were found without their prompts. */
    private final List<String> lostNotes = new ArrayList<>();

    private int waiting;
    private String lastFoundKey = "";
    private PromptLoad load = PromptLoad.NONE;

    /** Reads a restored store; all its prompts stand in line, in the order of their offsets, but for those that follow others. */
    PendingPrompts(KeyValueStore<String, byte[]> store) {
        this.store = store;
        notes = new StoredNotes(store);
        try (var found = store.all()) {
            // what is noted of a prompt comes after it, since its key begins with the prompt's
            found.forEachRemaining(entry -> StoredNotes.Form.of(entry.key)
                    .ifPresentOrElse(
                            form -> foundNote(form.storeKey(entry.key), form, entry.key),
                            () -> foundPrompt(entry.key, serde.decode(entry.value))));
        }
        line.forEach(this::place);
        line.removeIf(entry -> entry.state() == PendingEntry.State.FOLLOWING);
    }

    /** A prompt that was found follows another one if that is noted of it and the other one was found, too. */
    private void place(PendingEntry entry) {
        notes.read(entry)
                .first()
                .map(Origin::ofStoreKey)
                .flatMap(this::find)
                .ifPresentOrElse(
                        first -> {
                            entry.follow(first);
                            move(entry, PendingEntry.State.FOLLOWING);
                        },
                        () -> move(entry, PendingEntry.State.WAITING));
    }

    private void foundPrompt(String key, PendingPrompt prompt) {
        PendingEntry entry = new PendingEntry(prompt.origin());
        entries.put(entry, entry);
        line.add(entry);
        lastFoundKey = key;
        load = load.plus(PromptLoad.of(prompt.prompt()));
    }

    private void foundNote(String storeKey, StoredNotes.Form form, String key) {
        find(Origin.ofStoreKey(storeKey)).ifPresentOrElse(entry -> entry.addNoteForm(form), () -> lostNotes.add(key));
    }

    /** Deletes notes that were found without their prompts. In a tick, after which there is a commit. */
    void deleteLostNotes() {
        lostNotes.forEach(store::delete);
        lostNotes.clear();
    }

    /** The greatest key of a prompt that was found at the start; empty if there was none. */
    String lastFoundKey() {
        return lastFoundKey;
    }

    /** The form in which a prompt is stored. */
    byte[] encode(PendingPrompt pending) {
        return serde.encode(pending);
    }

    /** Keeps a prompt that the engine has accepted. */
    PendingEntry addRunning(PendingPrompt pending, byte[] encoded) {
        return add(pending, encoded, PendingEntry.State.RUNNING);
    }

    /** Keeps a prompt until there is room for it. */
    PendingEntry addToLine(PendingPrompt pending, byte[] encoded) {
        PendingEntry entry = add(pending, encoded, PendingEntry.State.WAITING);
        line.add(entry);
        return entry;
    }

    /** Keeps a prompt until another one ends. */
    PendingEntry addFollower(PendingPrompt pending, byte[] encoded, PendingEntry first) {
        PendingEntry entry = add(pending, encoded, PendingEntry.State.FOLLOWING);
        follow(entry, first);
        return entry;
    }

    private PendingEntry add(PendingPrompt pending, byte[] encoded, PendingEntry.State state) {
        PendingEntry entry = new PendingEntry(pending.origin());
        store.put(entry.storeKey(), encoded);
        entries.put(entry, entry);
        move(entry, state);
        load = load.plus(PromptLoad.of(pending.prompt()));
        return entry;
    }

    /** A prompt that follows another one is to end with this one. */
    void follow(PendingEntry entry, PendingEntry first) {
        entry.follow(first);
        note(entry, notes(entry).withFirst(first.storeKey()));
    }

    /** A prompt that followed another one stands at the end of the line. */
    void goToLine(PendingEntry entry) {
        move(entry, PendingEntry.State.WAITING);
        entry.unfollow();
        note(entry, notes(entry).withoutFirst());
        line.add(entry);
    }

    /**
     * The prompt that stands first in line.
     *
     * @throws NoSuchElementException if nothing stands there
     */
    PendingEntry firstInLine() {
        while (line.element().hasEnded()) {
            line.remove();
        }
        return line.element();
    }

    /** The first in line was submitted; it is still pending. */
    PendingEntry leaveLine() {
        PendingEntry first = firstInLine();
        line.remove();
        move(first, PendingEntry.State.RUNNING);
        return first;
    }

    /**
     * The engine was asked to give a running prompt back.
     *
     * @param made what its text has; may grow until the engine has done so
     */
    void recall(PendingEntry entry, List<Integer> made) {
        move(entry, PendingEntry.State.RECALLED);
        entry.setRecalled(made);
    }

    /** The engine gave a recalled prompt back; it stands first in line, and no token is lost. */
    void backToLine(PendingEntry entry) {
        move(entry, PendingEntry.State.WAITING);
        PendingNotes noted = notes(entry);
        if (entry.recalled().size() > noted.made().size()) {
            note(entry, noted.withMade(entry.recalled()));
        }
        entry.setRecalled(List.of());
        line.addFirst(entry);
    }

    boolean hasLine() {
        return waiting > 0;
    }

    /** The first in line, in its order, and none that is not pending any more. */
    List<PendingEntry> inLine(int max) {
        return line.stream().filter(entry -> !entry.hasEnded()).limit(max).toList();
    }

    /**
     * Takes out a prompt that has ended.
     *
     * @throws NoSuchElementException if no such prompt is pending
     */
    PendingPrompt remove(PendingEntry entry) {
        PendingPrompt pending = get(entry);
        store.delete(entry.storeKey());
        notes.delete(entry);
        entry.unfollow();
        move(entry, PendingEntry.State.ENDED);
        entries.remove(entry);
        load = load.minus(PromptLoad.of(pending.prompt()));
        return pending;
    }

    private void move(PendingEntry entry, PendingEntry.State next) {
        PendingEntry.State before = entry.state();
        entry.setState(next);
        if (before == PendingEntry.State.WAITING) {
            waiting--;
        }
        if (next == PendingEntry.State.WAITING) {
            waiting++;
        }
        if (next.isInEngine() && !before.isInEngine()) {
            inEngine.add(entry);
        }
        if (before.isInEngine() && !next.isInEngine()) {
            inEngine.remove(entry);
        }
    }

    /** What is noted of a pending prompt, as it lies in the store. */
    PendingNotes notes(PendingEntry entry) {
        return notes.read(entry);
    }

    /** Notes this of a pending prompt, in place of what was noted before. */
    void note(PendingEntry entry, PendingNotes noted) {
        notes.write(entry, noted);
    }

    /** @throws NoSuchElementException if the prompt is not pending */
    PendingPrompt get(PendingEntry entry) {
        byte[] stored = store.get(entry.storeKey());
        if (stored == null) {
            throw missing(entry.origin());
        }
        return serde.decode(stored);
    }

    /** @throws NoSuchElementException if no such prompt is pending */
    PendingEntry entry(Origin origin) {
        return find(origin).orElseThrow(() -> missing(origin));
    }

    private static NoSuchElementException missing(Origin origin) {
        return new NoSuchElementException("pending prompt " + origin.storeKey() + ": expected an entry, found none");
    }

    /** A prompt that may have ended. */
    Optional<PendingEntry> find(Origin origin) {
        return Optional.ofNullable(entries.get(new PendingEntry(origin)));
    }

    /** All that are pending now, those in the engine first; takes some bytes for each. */
    List<PendingEntry> all() {
        List<PendingEntry> all = new ArrayList<>(inEngine);
        all.addAll(line);
        if (entries.size() > inEngine.size() + waiting) {
            entries.values().stream()
                    .filter(entry -> entry.state() == PendingEntry.State.FOLLOWING)
                    .forEach(all::add);
        }
        return all;
    }

    int size() {
        return entries.size();
    }

    /** How much work all of them are. */
    PromptLoad load() {
        return load;
    }

    /** Those that are in the engine, as they change, in the order in which they went there. */
    Set<PendingEntry> inEngine() {
        return Collections.unmodifiableSet(inEngine);
    }
}
