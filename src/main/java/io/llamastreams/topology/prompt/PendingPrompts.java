package io.llamastreams.topology.prompt;

import io.llamastreams.topology.record.PendingPrompt;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.StoredSerde;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The prompts of a task that have not ended: all of them in the changelogged store, and the keys of those that the engine has
 * no room for yet in line. Of some there is a note besides, under the prompt's key with an ending, which goes with the prompt.
 * A prompt that only waits for another one's end stands in no line. StreamThread of its task.
 *
 * <pre>
 *   take --- engine accepts ---> running --- remove ---> ended
 *     |                          ^     |                   ^
 *     |                          |     v                   |
 *     '--- engine is busy ---> in line ------- remove -----'
 *            (also everything that is found in the store at the start)
 * </pre>
 */
final class PendingPrompts {
    /** What may be noted of a prompt. */
    enum Note {
        /** The tokens that its text had when it was last stored. */
        MADE("+made"),
        /** How often it was tried. */
        TRIES("+tries"),
        /** The key of the same prompt that came before, whose end is this one's. */
        FIRST("+first");

        private final String ending;

        Note(String ending) {
            this.ending = ending;
        }
    }

    private final KeyValueStore<String, byte[]> store;
    private final StoredSerde<PendingPrompt> serde = new StoredSerde<>(RecordMappings.PENDING);

    /** May have keys of prompts that were taken out; they are left away when their turn comes. */
    private final Deque<String> line = new ArrayDeque<>();

    private final Set<String> running = new LinkedHashSet<>();
    private final Map<Note, Set<String>> noted = new EnumMap<>(Note.class);

    /** Keys of prompts that end when another does, by its key; in the order of their offsets. */
    private final Map<String, SortedSet<String>> followers = new HashMap<>();

    private int size;
    private PromptLoad load = PromptLoad.NONE;

    /** Reads the keys of a restored store; all its prompts stand in line, in the order of their offsets. */
    PendingPrompts(KeyValueStore<String, byte[]> store) {
        this.store = store;
        for (Note note : Note.values()) {
            noted.put(note, new HashSet<>());
        }
        try (var entries = store.all()) {
            entries.forEachRemaining(entry -> sort(entry.key, entry.value));
        }
        size = line.size();
        line.removeIf(noted.get(Note.FIRST)::contains);
        for (String follower : noted.get(Note.FIRST)) {
            String first = StandardCharsets.UTF_8
                    .decode(note(follower, Note.FIRST).orElseThrow())
                    .toString();
            followers.computeIfAbsent(first, key -> new TreeSet<>()).add(follower);
        }
    }

    private void sort(String key, byte[] value) {
        for (Note note : Note.values()) {
            if (key.endsWith(note.ending)) {
                noted.get(note).add(key.substring(0, key.length() - note.ending.length()));
                return;
            }
        }
        line.add(key);
        load = load.plus(PromptLoad.of(serde.decode(value).prompt()));
    }

    /** The form in which a prompt is stored. */
    byte[] encode(PendingPrompt pending) {
        return serde.encode(pending);
    }

    /** Keeps a prompt that the engine has accepted. */
    void addRunning(PendingPrompt pending, byte[] encoded) {
        add(pending, encoded);
        running.add(pending.origin().storeKey());
    }

    /** Keeps a prompt until there is room for it. */
    void addToLine(PendingPrompt pending, byte[] encoded) {
        add(pending, encoded);
        line.add(pending.origin().storeKey());
    }

    /** Keeps a prompt until another one ends. */
    void addFollower(PendingPrompt pending, byte[] encoded, String firstKey) {
        add(pending, encoded);
        follow(pending.origin().storeKey(), firstKey);
    }

    /** A prompt that stands nowhere is to end with another one. */
    void follow(String storeKey, String firstKey) {
        note(storeKey, Note.FIRST, firstKey.getBytes(StandardCharsets.UTF_8));
        followers.computeIfAbsent(firstKey, key -> new TreeSet<>()).add(storeKey);
    }

    /** Prompts that were to end with one that has ended; they stand nowhere now. */
    List<String> takeFollowers(String firstKey) {
        SortedSet<String> found = followers.remove(firstKey);
        if (found == null) {
            return List.of();
        }
        found.forEach(key -> forget(key, Note.FIRST));
        return List.copyOf(found);
    }

    /** A prompt that stood nowhere stands at the end of the line. */
    void goToLine(String storeKey) {
        line.add(storeKey);
    }

    private void add(PendingPrompt pending, byte[] encoded) {
        store.put(pending.origin().storeKey(), encoded);
        size++;
        load = load.plus(PromptLoad.of(pending.prompt()));
    }

    /**
     * Key of the prompt that stands first in line.
     *
     * @throws NoSuchElementException if nothing stands there
     */
    String firstInLine() {
        while (store.get(line.element()) == null) {
            line.remove();
        }
        return line.element();
    }

    /** The first in line was submitted; it is still pending. */
    void leaveLine() {
        running.add(firstInLine());
        line.remove();
    }

    /** The engine gave a running prompt back; it stands first in line. */
    void backToLine(String storeKey) {
        running.remove(storeKey);
        line.addFirst(storeKey);
    }

    boolean hasLine() {
        return size > running.size() + noted.get(Note.FIRST).size();
    }

    /** Keys of the first in line, in its order, and of no prompt that is not pending any more. */
    List<String> inLine(int max) {
        return line.stream().filter(key -> store.get(key) != null).limit(max).toList();
    }

    /**
     * Takes out a prompt that has ended.
     *
     * @throws NoSuchElementException if no such prompt is pending
     */
    PendingPrompt remove(String storeKey) {
        PendingPrompt pending = get(storeKey);
        note(storeKey, Note.FIRST)
                .ifPresent(first ->
                        unfollow(storeKey, StandardCharsets.UTF_8.decode(first).toString()));
        store.delete(storeKey);
        for (Note note : Note.values()) {
            forget(storeKey, note);
        }
        running.remove(storeKey);
        size--;
        load = load.minus(PromptLoad.of(pending.prompt()));
        return pending;
    }

    private void unfollow(String storeKey, String firstKey) {
        followers.computeIfPresent(firstKey, (key, keys) -> {
            keys.remove(storeKey);
            return keys.isEmpty() ? null : keys;
        });
    }

    /** Tokens that the text of a prompt had when it was last stored; none if it never was. */
    List<Integer> made(String storeKey) {
        IntBuffer stored =
                note(storeKey, Note.MADE).orElse(ByteBuffer.allocate(0)).asIntBuffer();
        List<Integer> made = new ArrayList<>(stored.remaining());
        while (stored.hasRemaining()) {
            made.add(stored.get());
        }
        return made;
    }

    /** Stores the tokens that the text of a pending prompt has. */
    void storeMade(String storeKey, List<Integer> made) {
        ByteBuffer encoded = ByteBuffer.allocate(Integer.BYTES * made.size());
        made.forEach(encoded::putInt);
        note(storeKey, Note.MADE, encoded.array());
    }

    /** What is noted of a pending prompt. */
    Optional<ByteBuffer> note(String storeKey, Note note) {
        return noted.get(note).contains(storeKey)
                ? Optional.of(ByteBuffer.wrap(store.get(storeKey + note.ending)))
                : Optional.empty();
    }

    /** Notes something of a pending prompt, in place of what was noted before. */
    void note(String storeKey, Note note, byte[] value) {
        store.put(storeKey + note.ending, value);
        noted.get(note).add(storeKey);
    }

    void forget(String storeKey, Note note) {
        if (noted.get(note).remove(storeKey)) {
            store.delete(storeKey + note.ending);
        }
    }

    /** Keys of the prompts of which this is noted. */
    Set<String> noted(Note note) {
        return Set.copyOf(noted.get(note));
    }

    /** @throws NoSuchElementException if no such prompt is pending */
    PendingPrompt get(String storeKey) {
        return find(storeKey)
                .orElseThrow(() ->
                        new NoSuchElementException("pending prompt " + storeKey + ": expected an entry, found none"));
    }

    /** A prompt that may have ended. */
    Optional<PendingPrompt> find(String storeKey) {
        return Optional.ofNullable(store.get(storeKey)).map(serde::decode);
    }

    boolean isRunning(String storeKey) {
        return running.contains(storeKey);
    }

    /** Whether a prompt has not ended and is not in the engine. */
    boolean isWaiting(String storeKey) {
        return !running.contains(storeKey) && store.get(storeKey) != null;
    }

    /** Keys of all that are pending now, those in the engine first; takes some bytes for each. */
    List<String> keys() {
        List<String> keys = new ArrayList<>(running);
        keys.addAll(line);
        keys.addAll(noted.get(Note.FIRST));
        return keys;
    }

    int size() {
        return size;
    }

    /** How much work all of them are. */
    PromptLoad load() {
        return load;
    }

    /** Those that are in the engine. */
    int running() {
        return running.size();
    }

    /** Keys of those that are in the engine. */
    List<String> runningKeys() {
        return List.copyOf(running);
    }
}
