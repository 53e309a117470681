package io.llamastreams.topology;

import java.util.ArrayDeque;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The prompts of a task that have not ended: all of them in the changelogged store, and the keys of those that the engine has
 * no room for yet in line. StreamThread of its task.
 *
 * <pre>
 *   take --- engine accepts ---> running --- remove ---> ended
 *     |                            ^
 *     '--- engine is busy ---> in line (also everything that is found in the store at the start)
 * </pre>
 */
final class PendingPrompts {
    private final KeyValueStore<String, byte[]> store;
    private final StoredSerde<PendingPrompt> serde = new StoredSerde<>(AvroMapper.PENDING);
    private final Queue<String> line = new ArrayDeque<>();
    private int size;

    /** Reads the keys of a restored store; all its prompts stand in line, in the order of their offsets. */
    PendingPrompts(KeyValueStore<String, byte[]> store) {
        this.store = store;
        try (var entries = store.all()) {
            entries.forEachRemaining(entry -> line.add(entry.key));
        }
        size = line.size();
    }

    /** The form in which a prompt is stored. */
    byte[] encode(PendingPrompt pending) {
        return serde.encode(pending);
    }

    /** Keeps a prompt that the engine has accepted. */
    void addRunning(Origin origin, byte[] encoded) {
        store.put(origin.storeKey(), encoded);
        size++;
    }

    /** Keeps a prompt until there is room for it. */
    void addToLine(Origin origin, byte[] encoded) {
        addRunning(origin, encoded);
        line.add(origin.storeKey());
    }

    /**
     * The prompt that stands first in line.
     *
     * @throws NoSuchElementException if nothing stands there
     */
    PendingPrompt firstInLine() {
        return read(line.element());
    }

    /** The first in line was submitted; it is still pending. */
    void leaveLine() {
        line.remove();
    }

    boolean hasLine() {
        return !line.isEmpty();
    }

    /**
     * Takes out a prompt that has ended.
     *
     * @throws NoSuchElementException if no such prompt is pending
     */
    PendingPrompt remove(String storeKey) {
        PendingPrompt pending = read(storeKey);
        store.delete(storeKey);
        size--;
        return pending;
    }

    private PendingPrompt read(String storeKey) {
        byte[] encoded = store.get(storeKey);
        if (encoded == null) {
            throw new NoSuchElementException("pending prompt " + storeKey + ": expected an entry, found none");
        }
        return serde.decode(encoded);
    }

    int size() {
        return size;
    }

    /** Those that are in the engine. */
    int running() {
        return size - line.size();
    }
}
