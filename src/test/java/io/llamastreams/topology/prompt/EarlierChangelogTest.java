package io.llamastreams.topology.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.topology.config.DuplicateLimits;
import io.llamastreams.topology.config.IntakeLimits;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.Departure;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.Outcome;
import io.llamastreams.topology.record.PendingNotes;
import io.llamastreams.topology.record.PendingNotes.Attempt;
import io.llamastreams.topology.record.PendingNotes.Deaths;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changelogs that a build wrote which noted each thing about a prompt under a key of its own; see README.md beside them. */
class EarlierChangelogTest {
    private static final IntakeLimits LIMITS = new IntakeLimits(
            new IntakeLimits.Sizes(1000, 1_000_000, 1_000_000),
            new IntakeLimits.Times(Duration.ofMillis(10), Duration.ZERO, Duration.ofHours(1), Duration.ofMillis(20)),
            new IntakeLimits.Resuming(4, Duration.ofSeconds(1)),
            new IntakeLimits.Attempts(6, 32),
            new DuplicateLimits(Duration.ofHours(1), false, 1_000_000));

    private static final Deaths NO_DEATHS = Deaths.NONE;

    @TempDir
    private Path stateDir;

    private final FakeEngine engine = new FakeEngine();
    private final FakePeers peers = new FakePeers();
    private final Map<String, KeyValueStore<String, byte[]>> stores = new HashMap<>();
    private MockProcessorContext<byte[], Departure> context;

    @BeforeEach
    void newContext() {
        Properties properties = new Properties();
        properties.putAll(Map.of("application.id", "a", "bootstrap.servers", "unused:9092"));
        context = new MockProcessorContext<>(properties, new TaskId(0, 3), stateDir.toFile());
        context.setCurrentSystemTimeMs(5000);
    }

    /** Writes a task's changelogs into its stores, as Kafka Streams does. */
    private void restore(String task) throws IOException {
        for (String name :
                List.of(PromptProcessor.PENDING_STORE, PromptProcessor.CONTROL_STORE, PromptProcessor.ANSWER_STORE)) {
            KeyValueStore<String, byte[]> store = Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
                    .withLoggingDisabled()
                    .build();
            store.init(context.getStateStoreContext(), store);
            context.addStateStore(store);
            stores.put(name, store);
        }
        for (String line : lines("changelog.txt", task)) {
            String[] parts = line.split(" ");
            byte[] value = parts[2].equals("-") ? null : Base64.getDecoder().decode(parts[2]);
            stores.get(parts[0]).put(new String(Base64.getDecoder().decode(parts[1]), StandardCharsets.UTF_8), value);
        }
    }

    /** Lines of a file that are about a task, without its name. */
    private static List<String> lines(String file, String task) throws IOException {
        try (InputStream in = EarlierChangelogTest.class.getResourceAsStream("notes-apart/" + file)) {
            assertThat(in).as(file).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(task + " "))
                    .map(line -> line.substring(task.length() + 1))
                    .toList();
        }
    }

    private KeyValueStore<String, byte[]> pendingStore() {
        return stores.get(PromptProcessor.PENDING_STORE);
    }

    private List<String> keysOfNotes() {
        List<String> keys = new ArrayList<>();
        try (var entries = pendingStore().all()) {
            entries.forEachRemaining(entry -> {
                if (entry.key.contains("+")) {
                    keys.add(entry.key);
                }
            });
        }
        return keys;
    }

    private void startAfterDeaths() {
        for (int run = 1; run < 10; run++) {
            peers.die();
        }
        new PromptProcessor(new TaskContext(engine, peers, new PromptCounters(), engine.time, "1"), LIMITS)
                .init(context);
    }

    private void tick() {
        context.scheduledPunctuators().stream()
                .filter(punctuator -> !punctuator.cancelled())
                .forEach(punctuator -> punctuator.getPunctuator().punctuate(0));
    }

    private static String key(int offset) {
        return new Origin("llama.prompts", 3, offset).storeKey();
    }

    private static Optional<Attempt> attempt(Deaths before, Deaths after, String run) {
        return Optional.of(new Attempt(before, after, run));
    }

    private static PendingNotes tried(Deaths before, Deaths after, String run) {
        return new PendingNotes(List.of(), attempt(before, after, run), Optional.empty());
    }

    private static PendingEntry entry(PendingPrompts pending, String key) {
        return pending.entry(Origin.ofStoreKey(key));
    }

    private static void assertFound(PendingPrompts pending, String key, PendingEntry.State state, PendingNotes notes) {
        PendingEntry entry = entry(pending, key);
        assertThat(entry.state()).as(key).isEqualTo(state);
        assertThat(pending.notes(entry)).as(key).isEqualTo(notes);
    }

    @Test
    void findsPromptsThatWereAloneInTheEngineAndThoseThatFollowOthers() throws IOException {
        restore("alone");
        PendingPrompts pending = new PendingPrompts(pendingStore());
        assertThat(pending.size()).isEqualTo(7);
        assertFound(pending, key(10), PendingEntry.State.WAITING, tried(new Deaths(4, 1), new Deaths(5, 2), "run-6"));
        assertFound(
                pending,
                key(11),
                PendingEntry.State.WAITING,
                new PendingNotes(
                        Collections.nCopies(10, 31_999),
                        attempt(new Deaths(1, 0), new Deaths(2, 0), "run-6"),
                        Optional.empty()));
        assertFound(pending, key(12), PendingEntry.State.WAITING, tried(NO_DEATHS, new Deaths(1, 0), "run-6"));
        assertFound(pending, key(13), PendingEntry.State.FOLLOWING, PendingNotes.NONE.withFirst(key(12)));
        assertFound(pending, key(14), PendingEntry.State.FOLLOWING, PendingNotes.NONE.withFirst(key(10)));
        assertThat(pending.inLine(10))
                .extracting(PendingEntry::storeKey)
                .containsExactly(key(10), key(11), key(12), key(15), key(16));
        assertThat(entry(pending, key(12)).followers()).containsExactly(entry(pending, key(13)));
        assertThat(pending.get(entry(pending, key(11))).key()).isEmpty();
        assertThat(pending.get(entry(pending, key(13))).headers().toArray()).hasSize(2);
        assertThat(pending.get(entry(pending, key(15))).prompt().deadlineMillis())
                .contains(60_000L);
    }

    @Test
    void findsLongTextsAndWithdrawnAttempts() throws IOException {
        restore("group");
        PendingPrompts pending = new PendingPrompts(pendingStore());
        assertThat(pending.inLine(100))
                .extracting(PendingEntry::storeKey)
                .containsExactlyElementsOf(IntStream.range(1, 20)
                        .mapToObj(EarlierChangelogTest::key)
                        .toList());
        Deaths two = new Deaths(2, 0);
        assertFound(pending, key(1), PendingEntry.State.WAITING, tried(two, two, "run-4"));
        assertFound(
                pending,
                key(2),
                PendingEntry.State.WAITING,
                new PendingNotes(List.of(0, 31_999, 127_999), attempt(two, two, "run-4"), Optional.empty()));
        assertFound(
                pending,
                key(3),
                PendingEntry.State.WAITING,
                PendingNotes.ofMade(List.of(0, 1, 31_999, 127_999, 3, 2, 7)));
        assertFound(
                pending,
                key(5),
                PendingEntry.State.WAITING,
                PendingNotes.ofMade(IntStream.range(0, 2000)
                        .map(i -> i * 61 % 128_000)
                        .boxed()
                        .toList()));
        for (int i = 6; i < 20; i++) {
            assertFound(pending, key(i), PendingEntry.State.WAITING, tried(new Deaths(1, 0), two, "run-3"));
        }
    }

    @Test
    void findsFirstAttemptsWithTokens() throws IOException {
        restore("early");
        PendingPrompts pending = new PendingPrompts(pendingStore());
        assertFound(
                pending,
                "team-a.prompts-1-3-0000000000000000001",
                PendingEntry.State.WAITING,
                new PendingNotes(
                        List.of(1, 2, 3, 4, 5, 6), attempt(NO_DEATHS, new Deaths(1, 0), "run-2"), Optional.empty()));
        assertThat(pending.inLine(10))
                .extracting(entry -> entry.origin().partition())
                .containsExactly(10, 3, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alone", "group", "early"})
    void allEndsOnceAndAsInTheBuildThatWroteIt(String task) throws IOException {
        restore(task);
        startAfterDeaths();
        engine.time.await(Duration.ofSeconds(61));
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int before = engine.submitted.size();
            tick();
            engine.submitted.stream().skip(before).forEach(prompt -> seen.add(submitted(prompt.id())));
            engine.session().finishAll();
        }
        context.forwarded().forEach(forward -> seen.add(left(forward.record())));
        assertThat(seen).containsExactlyElementsOf(lines("ends.txt", task));
        assertThat(pendingStore().approximateNumEntries())
                .as("neither prompts nor notes are left")
                .isZero();
    }

    private String submitted(String id) {
        List<Integer> made = engine.session().made.get(id);
        return "submitted " + id + " " + made.size() + " " + Integer.toHexString(made.hashCode());
    }

    private static String left(Record<? extends byte[], ? extends Departure> record) {
        if (!(record.value() instanceof Outcome outcome)) {
            return "forwarded " + record.value();
        }
        CompletionRecord completion = outcome.completion();
        List<String> headers = new ArrayList<>();
        record.headers()
                .forEach(
                        header -> headers.add(header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8)));
        return "ended " + completion.lineage().origin().storeKey() + " id=" + completion.id() + " "
                + completion.status() + " copy="
                + completion.lineage().copyOf().map(Origin::storeKey).orElse("") + " batch=" + completion.batchId()
                + " key=" + (record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8))
                + " headers=[" + String.join(" ", headers) + "] error=" + completion.error();
    }

    @Test
    void theFirstChangeMakesOneRecordOfNotesAndDeletesTheOldOnes() throws IOException {
        restore("group");
        assertThat(keysOfNotes()).contains(key(2) + "+made", key(2) + "+tries").noneMatch(EarlierChangelogTest::isNew);
        startAfterDeaths();
        assertThat(keysOfNotes()).as("reading changes nothing").noneMatch(EarlierChangelogTest::isNew);
        tick();
        assertThat(keysOfNotes())
                .contains(key(1) + "+notes+made", key(2) + "+notes+made", key(5) + "+made", key(6) + "+tries")
                .doesNotContain(key(1) + "+tries", key(2) + "+made", key(2) + "+tries");
        PendingPrompts pending = new PendingPrompts(pendingStore());
        assertThat(pending.notes(entry(pending, key(2))))
                .isEqualTo(new PendingNotes(
                        List.of(0, 31_999, 127_999),
                        attempt(new Deaths(2, 0), new Deaths(3, 0), peers.run()),
                        Optional.empty()));
    }

    private static boolean isNew(String key) {
        return key.endsWith("+notes+made");
    }

    @Test
    void notesOfTheOldBuildPrevailWhereItHadThePromptLast() throws IOException {
        restore("early");
        PendingPrompts before = new PendingPrompts(pendingStore());
        String key = "team-a.prompts-1-3-0000000000000000001";
        byte[] oldMade = pendingStore().get(key + "+made");
        byte[] oldTries = pendingStore().get(key + "+tries");
        before.note(
                entry(before, key),
                new PendingNotes(
                        List.of(1, 2, 3, 4, 5, 6, 7, 8),
                        attempt(NO_DEATHS, new Deaths(9, 9), "newer"),
                        Optional.empty()));
        pendingStore().put(key + "+made", oldMade);
        pendingStore().put(key + "+tries", oldTries);

        PendingPrompts after = new PendingPrompts(pendingStore());
        assertFound(
                after,
                key,
                PendingEntry.State.WAITING,
                new PendingNotes(
                        List.of(1, 2, 3, 4, 5, 6, 7, 8),
                        attempt(NO_DEATHS, new Deaths(1, 0), "run-2"),
                        Optional.empty()));
        after.remove(entry(after, key));
        assertThat(keysOfNotes()).noneMatch(note -> note.startsWith(key));
    }

    @Test
    void notesWithoutTheirPromptsAreDeletedInATick() throws IOException {
        restore("early");
        PendingPrompts pending = new PendingPrompts(pendingStore());
        String key = "team-a.prompts-1-3-0000000000000000001";
        pending.note(entry(pending, key), PendingNotes.ofMade(List.of(1)));
        pendingStore().delete(key); // as an earlier build does, which knows nothing of the record
        startAfterDeaths();
        assertThat(keysOfNotes()).contains(key + "+notes+made");
        tick();
        assertThat(keysOfNotes()).doesNotContain(key + "+notes+made");
    }
}
