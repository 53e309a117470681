package io.llamastreams.topology.prompt;

import io.llamastreams.topology.record.ControlCommand;
import io.llamastreams.topology.record.PendingPrompt;
import io.llamastreams.topology.record.StoredCommand;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.StoredSerde;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands that a task has received: in a changelogged store until they are out of date, for prompts that come later.
 *
 * <pre>
 *   received --- all pending prompts were looked at ---> swept --- those in the engine have ended ---> acknowledged
 * </pre>
 *
 * A restart begins again at "received" with those that are not acknowledged. StreamThread of its task.
 */
final class Commands {
    /** More than this and the oldest are forgotten before their time: memory is bounded, whatever comes. */
    static final int MAX_COMMANDS = 100_000;

    private static final Logger log = LoggerFactory.getLogger(Commands.class);

    private final KeyValueStore<String, byte[]> store;
    private final StoredSerde<StoredCommand> serde = new StoredSerde<>(RecordMappings.STORED_COMMAND);
    private final long retentionMillis;

    /** By id, the oldest first. */
    private final Map<String, StoredCommand> commands = new LinkedHashMap<>();

    /** Ids of commands by the request or else the batch that they are about. */
    private final Map<String, Set<String>> byRequest = new HashMap<>();

    private final Map<String, Set<String>> byBatch = new HashMap<>();

    private final Set<String> unacknowledged = new LinkedHashSet<>();

    /** Running prompts that were asked to end, and by which command. */
    private final Map<String, String> asked = new HashMap<>();

    private final Set<String> changed = new LinkedHashSet<>();

    /**
     * Reads a restored store.
     *
     * @param retention time after which a command is forgotten
     */
    Commands(KeyValueStore<String, byte[]> store, Duration retention, long nowMillis) {
        this.store = store;
        retentionMillis = retention.toMillis();
        List<StoredCommand> found = new ArrayList<>();
        try (var entries = store.all()) {
            entries.forEachRemaining(entry -> found.add(serde.decode(entry.value)));
        }
        found.sort(Comparator.comparingLong(StoredCommand::timestamp));
        found.forEach(this::index);
        forgetOld(nowMillis);
    }

    boolean isEmpty() {
        return commands.isEmpty();
    }

    /** Takes in a command; one that was received before changes nothing but is acknowledged again. */
    void receive(StoredCommand received) {
        forgetOld(received.timestamp());
        String id = received.command().id();
        StoredCommand known = commands.get(id);
        if (known == null) {
            index(received);
        } else {
            unacknowledged.add(id);
        }
        changed.add(id);
    }

    private void index(StoredCommand stored) {
        ControlCommand command = stored.command();
        commands.put(command.id(), stored);
        place(command).add(command.id());
        if (!stored.acknowledged()) {
            unacknowledged.add(command.id());
        }
    }

    private Set<String> place(ControlCommand command) {
        return command.requestId()
                .map(id -> byRequest.computeIfAbsent(id, key -> new LinkedHashSet<>()))
                .orElseGet(
                        () -> byBatch.computeIfAbsent(command.batchId().orElseThrow(), key -> new LinkedHashSet<>()));
    }

    private void forgetOld(long nowMillis) {
        Iterator<StoredCommand> oldest = commands.values().iterator();
        while (oldest.hasNext()) {
            StoredCommand stored = oldest.next();
            boolean isOld = nowMillis - stored.timestamp() >= retentionMillis;
            if (!isOld && commands.size() <= MAX_COMMANDS) {
                return;
            }
            if (!isOld) {
                log.warn("more than {} commands are kept, the oldest is forgotten before its time", MAX_COMMANDS);
            }
            oldest.remove();
            forget(stored.command());
        }
    }

    private void forget(ControlCommand command) {
        if (command.requestId().isPresent()) {
            byRequest.computeIfPresent(command.requestId().get(), (request, ids) -> without(ids, command.id()));
        } else {
            byBatch.computeIfPresent(command.batchId().orElseThrow(), (batch, ids) -> without(ids, command.id()));
        }
        unacknowledged.remove(command.id());
        changed.remove(command.id());
        store.delete(command.id());
    }

    /** Null, by which a map drops the entry, where nothing is left. */
    private static Set<String> without(Set<String> ids, String id) {
        ids.remove(id);
        return ids.isEmpty() ? null : ids;
    }

    /** The command that a prompt is cancelled by; empty if none is about it. */
    Optional<ControlCommand> covering(PendingPrompt pending, long nowMillis) {
        if (commands.isEmpty()) {
            return Optional.empty();
        }
        return covering(byRequest.get(pending.prompt().id()), pending, nowMillis)
                .or(() -> covering(byBatch.get(pending.prompt().batchId()), pending, nowMillis));
    }

    private Optional<ControlCommand> covering(Set<String> ids, PendingPrompt pending, long nowMillis) {
        return ids == null
                ? Optional.empty()
                : ids.stream()
                        .map(commands::get)
                        .filter(stored -> nowMillis - stored.timestamp() < retentionMillis)
                        .map(StoredCommand::command)
                        .filter(command -> command.covers(pending.prompt()))
                        .findFirst();
    }

    /** A running prompt was asked to end; false if it was before. */
    boolean ask(String storeKey, ControlCommand command) {
        return asked.putIfAbsent(storeKey, command.id()) == null;
    }

    /** A running prompt has ended: what it was asked to end by, if it was. */
    Optional<ControlCommand> endOf(String storeKey) {
        return Optional.ofNullable(asked.remove(storeKey)).map(commands::get).map(StoredCommand::command);
    }

    boolean hasAsked(String storeKey) {
        return asked.containsKey(storeKey);
    }

    /** A command has ended a prompt. */
    void count(ControlCommand command) {
        commands.computeIfPresent(command.id(), (id, stored) -> stored.plusCancelled());
        changed.add(command.id());
    }

    /** Stores what has changed; acknowledges what is carried out, once all pending prompts were looked at. */
    void settle(boolean swept, Consumer<StoredCommand> acknowledged) {
        if (swept) {
            unacknowledged.removeIf(id -> {
                if (asked.containsValue(id)) {
                    return false;
                }
                StoredCommand stored = commands.get(id).asAcknowledged();
                commands.put(id, stored);
                changed.add(id);
                acknowledged.accept(stored);
                return true;
            });
        }
        changed.forEach(id -> store.put(id, serde.encode(commands.get(id))));
        changed.clear();
    }

    boolean allAcknowledged() {
        return unacknowledged.isEmpty();
    }
}
