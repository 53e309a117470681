package io.llamastreams.topology;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Set;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The prompts of a task that have not ended: all of them in the changelogged store, and the keys of those that the engine has
 * no room for yet in line; and of long texts that are running, the tokens that they had when they were last stored, under the
 * prompt's key with an ending. StreamThread of its task.
 *
 * <pre>
 *   take --- engine accepts ---> running --- remove ---> ended
 *     |                            ^
 *     '--- engine is busy ---> in line (also everything that is found in the store at the start)
 * </pre>
 */
final class PendingPrompts {
    private static final String MADE = "+made";

    private final KeyValueStore<String, byte[]> store;
    private final StoredSerde<PendingPrompt> serde = new StoredSerde<>(AvroMapper.PENDING);
    private final Queue<String> line = new ArrayDeque<>();
    private final Set<String> withMade = new HashSet<>();
    private int size;
    private PromptLoad load = PromptLoad.NONE;

    /** Reads the keys of a restored store; all its prompts stand in line, in the order of their offsets. */
    PendingPrompts(KeyValueStore<String, byte[]> store) {
        this.store = store;
        try (var entries = store.all()) {
            entries.forEachRemaining(entry -> {
                if (entry.key.endsWith(MADE)) {
                    withMade.add(entry.key.substring(0, entry.key.length() - MADE.length()));
                } else {
                    line.add(entry.key);
                    load = load.plus(PromptLoad.of(serde.decode(entry.value).prompt()));
                }
            });
        }
        size = line.size();
    }

    /** The form in which a prompt is stored. */
    byte[] encode(PendingPrompt pending) {
        return serde.encode(pending);
    }

    /** Keeps a prompt that the engine has accepted. */
    void addRunning(PendingPrompt pending, byte[] encoded) {
        store.put(pending.origin().storeKey(), encoded);
        size++;
        load = load.plus(PromptLoad.of(pending.prompt()));
    }

    /** Keeps a prompt until there is room for it. */
    void addToLine(PendingPrompt pending, byte[] encoded) {
        addRunning(pending, encoded);
        line.add(pending.origin().storeKey());
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
        if (withMade.remove(storeKey)) {
            store.delete(storeKey + MADE);
        }
        size--;
        load = load.minus(PromptLoad.of(pending.prompt()));
        return pending;
    }

    /** Tokens that the text of a prompt had when it was last stored; none if it never was. */
    List<Integer> made(String storeKey) {
        if (!withMade.contains(storeKey)) {
            return List.of();
        }
        IntBuffer stored = ByteBuffer.wrap(store.get(storeKey + MADE)).asIntBuffer();
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
        store.put(storeKey + MADE, encoded.array());
        withMade.add(storeKey);
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

    /** How much work all of them are. */
    PromptLoad load() {
        return load;
    }

    /** Those that are in the engine. */
    int running() {
        return size - line.size();
    }
}
