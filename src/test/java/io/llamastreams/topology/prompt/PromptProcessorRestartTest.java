package io.llamastreams.topology.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.topology.config.DuplicateLimits;
import io.llamastreams.topology.config.IntakeLimits;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.ControlAcknowledgement;
import io.llamastreams.topology.record.ControlCommand;
import io.llamastreams.topology.record.Departure;
import io.llamastreams.topology.record.IncomingPrompt;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task that starts with a store that an earlier owner filled. */
class PromptProcessorRestartTest {
    private static final int BATCH = 32;
    private static final IntakeLimits LIMITS = new IntakeLimits(
            new IntakeLimits.Sizes(1000, 1_000_000, 1_000_000),
            new IntakeLimits.Times(Duration.ofMillis(10), Duration.ZERO, Duration.ofHours(1), Duration.ofMillis(20)),
            new IntakeLimits.Resuming(4, Duration.ofSeconds(1)),
            new IntakeLimits.Attempts(6, BATCH),
            new DuplicateLimits(Duration.ZERO, false, 1));

    @TempDir
    private Path stateDir;

    private final FakeEngine engine = new FakeEngine();
    private final PromptCounters counters = new PromptCounters();
    private final FakePeers peers = new FakePeers();
    private KeyValueStore<String, byte[]> store;
    private KeyValueStore<String, byte[]> commands;

    private MockProcessorContext<byte[], Departure> newTask() {
        Properties properties = new Properties();
        properties.putAll(Map.of("application.id", "a", "bootstrap.servers", "unused:9092"));
        var context = new MockProcessorContext<byte[], Departure>(properties, new TaskId(0, 3), stateDir.toFile());
        if (store == null) {
            store = newStore(PromptProcessor.PENDING_STORE, context);
            commands = newStore(PromptProcessor.CONTROL_STORE, context);
        }
        context.addStateStore(store);
        context.addStateStore(commands);
        context.setCurrentSystemTimeMs(5000);
        return context;
    }

    private static KeyValueStore<String, byte[]> newStore(
            String name, MockProcessorContext<byte[], Departure> context) {
        KeyValueStore<String, byte[]> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        return store;
    }

    private TaskContext newTaskContext() {
        return new TaskContext(engine, peers, counters, engine.time, "1");
    }

    private PromptProcessor newProcessor() {
        return new PromptProcessor(newTaskContext(), LIMITS);
    }

    private static List<CompletionRecord> completions(MockProcessorContext<byte[], Departure> context) {
        return context.forwarded().stream()
                .map(forward -> completion(forward.record().value()))
                .toList();
    }

    private static CompletionRecord completion(Departure departure) {
        return ((Outcome) departure).completion();
    }

    private static void process(
            PromptProcessor processor, MockProcessorContext<byte[], Departure> context, long offset, String id) {
        context.setRecordMetadata("llama.prompts", 3, offset);
        processor.process(new Record<>(
                ("key of " + id).getBytes(StandardCharsets.UTF_8),
                new IncomingPrompt(Prompt.ofText(id, "text", GenerationOptions.DEFAULT), ""),
                1000 + offset,
                new RecordHeaders().add("trace", id.getBytes(StandardCharsets.UTF_8))));
    }

    private static void tick(MockProcessorContext<byte[], Departure> context) {
        context.scheduledPunctuators().stream()
                .filter(punctuator -> !punctuator.cancelled())
                .forEach(punctuator -> punctuator.getPunctuator().punctuate(0));
    }

    @Test
    void submitsPendingPromptsAgainInTheOrderOfTheirOffsets() {
        var first = newTask();
        PromptProcessor before = newProcessor();
        before.init(first);
        for (long offset : List.of(9L, 10L, 100L)) {
            process(before, first, offset, "id-" + offset);
        }
        engine.session().finishOldest("text");
        tick(first);
        assertThat(first.forwarded()).hasSize(1);
        before.close();
        engine.submitted.clear();

        var second = newTask();
        PromptProcessor after = newProcessor();
        after.init(second);
        assertThat(counters.counts().resubmitted()).isEqualTo(2);
        assertThat(counters.counts().pending()).isEqualTo(2);
        tick(second);
        tick(second);
        assertThat(engine.submitted).hasSize(2);
        engine.session().finishAll();
        tick(second);

        assertThat(completions(second)).extracting(CompletionRecord::id).containsExactly("id-10", "id-100");
        var record = second.forwarded().getFirst().record();
        assertThat(record.key()).isEqualTo("key of id-10".getBytes(StandardCharsets.UTF_8));
        assertThat(record.headers().lastHeader("trace").value()).isEqualTo("id-10".getBytes(StandardCharsets.UTF_8));
        assertThat(completion(record.value()).lineage().origin()).isEqualTo(new Origin("llama.prompts", 3, 10));
        assertThat(completion(record.value()).lineage().promptTimestamp().toEpochMilli())
                .isEqualTo(1010);
        assertThat(store.approximateNumEntries()).isZero();
    }

    @Test
    void aRevivedProcessorForgetsWhatItDidBefore() {
        var context = newTask();
        PromptProcessor processor = newProcessor();
        processor.init(context);
        process(processor, context, 1, "a");
        processor.close();

        var revived = newTask();
        processor.init(revived);
        assertThat(engine.sessions).hasSize(2);
        tick(revived);
        tick(revived);
        engine.session().finishAll();
        tick(revived);
        assertThat(revived.forwarded()).hasSize(1);
        assertThat(counters.counts().pending()).isZero();
        assertThat(revived.scheduledPunctuators()).hasSize(1).allMatch(punctuator -> punctuator.cancelled());
    }

    @Test
    void anIdleTaskDoesNotTick() {
        var context = newTask();
        newProcessor().init(context);
        assertThat(context.scheduledPunctuators()).isEmpty();
    }

    @Test
    void newPromptsStandBehindThoseThatWereFound() {
        var first = newTask();
        PromptProcessor before = newProcessor();
        before.init(first);
        process(before, first, 1, "old");
        before.close();

        var second = newTask();
        PromptProcessor after = newProcessor();
        after.init(second);
        engine.submitted.clear();
        process(after, second, 2, "new");
        tick(second);
        tick(second);
        engine.session().finishAll();
        tick(second);
        assertThat(completions(second)).extracting(CompletionRecord::id).containsExactly("old", "new");
    }

    @Test
    void textsGoOnFromWhatWasStoredOfThem() {
        var first = newTask();
        PromptProcessor before = newProcessor();
        before.init(first);
        process(before, first, 1, "short");
        process(before, first, 2, "long");
        process(before, first, 3, "slow");
        FakeEngine.FakeSession session = engine.session();
        List<String> keys = session.running.stream().map(Prompt::id).toList();
        session.made.put(keys.get(0), List.of(1, 2, 3));
        session.made.put(keys.get(1), List.of(1, 2, 3, 4, 5));
        session.made.put(keys.get(2), List.of(9));
        tick(first);
        assertThat(store.approximateNumEntries())
                .as("three prompts and the long text")
                .isEqualTo(4);
        session.made.put(keys.get(1), List.of(1, 2, 3, 4, 5, 6));
        tick(first);
        engine.time.await(Duration.ofSeconds(1));
        session.made.put(keys.get(0), List.of());
        tick(first);
        assertThat(store.approximateNumEntries()).as("and now the slow one").isEqualTo(5);
        before.close();

        var second = newTask();
        PromptProcessor after = newProcessor();
        after.init(second);
        assertThat(counters.counts().pending()).isEqualTo(3);
        tick(second);
        tick(second);
        assertThat(engine.session().made)
                .containsEntry(keys.get(0), List.of())
                .containsEntry(keys.get(1), List.of(1, 2, 3, 4, 5, 6))
                .containsEntry(keys.get(2), List.of(9));
        engine.session().finishAll();
        tick(second);
        assertThat(second.forwarded()).hasSize(3);
        assertThat(store.approximateNumEntries()).isZero();
    }

    /** A worker has it until it dies, is told to stop, or the partition goes to another. */
    private MockProcessorContext<byte[], Departure> startAndHandOver() {
        var context = newTask();
        newProcessor().init(context);
        engine.submitted.clear();
        tick(context);
        assertThat(engine.submitted).as("not before the note is committed").isEmpty();
        tick(context);
        return context;
    }

    private List<String> submittedOffsets() {
        return engine.submitted.stream()
                .map(prompt -> prompt.id().substring(prompt.id().length() - 2))
                .toList();
    }

    private void take(int count) {
        var context = newTask();
        PromptProcessor processor = newProcessor();
        processor.init(context);
        for (int offset = 0; offset < count; offset++) {
            process(processor, context, offset, "id-" + offset);
        }
    }

    @Test
    void aPromptThatKillsItsWorkerFailsAloneAfterSomeAttempts() {
        take(BATCH);
        for (int attempt = 2; attempt <= 3; attempt++) {
            peers.die();
            startAndHandOver();
            assertThat(engine.submitted)
                    .as("attempt " + attempt + ": as any other")
                    .hasSize(BATCH);
        }
        peers.die();
        var fourth = startAndHandOver();
        assertThat(submittedOffsets())
                .as("fourth: a few")
                .hasSize(Attempts.GROUP)
                .startsWith("00", "01");
        engine.session().finishOldest("text"); // 00 is good
        tick(fourth);
        for (int attempt = 5; attempt <= 6; attempt++) {
            peers.die(); // 01 kills the worker
            var alone = startAndHandOver();
            assertThat(submittedOffsets()).as("attempt " + attempt + ": alone").containsExactly("01");
            tick(alone);
            assertThat(submittedOffsets()).containsExactly("01");
        }
        peers.die();
        var last = newTask();
        newProcessor().init(last);
        engine.submitted.clear();
        for (int i = 0; i < 200; i++) {
            tick(last);
            engine.session().finishAll();
        }
        tick(last);
        List<CompletionRecord> ended = completions(last);
        assertThat(ended).hasSize(BATCH - 1);
        assertThat(ended.getFirst().id()).isEqualTo("id-1");
        assertThat(ended.getFirst().status()).isEqualTo(Generation.Status.FAILED);
        assertThat(ended.getFirst().error()).contains("tried 6 times, and its worker died each time");
        assertThat(ended.subList(1, BATCH - 1))
                .extracting(CompletionRecord::status)
                .containsOnly(Generation.Status.SUCCEEDED);
        assertThat(store.approximateNumEntries()).isZero();
    }

    @Test
    void whatOnlyWaitsIsNotHeldAgainstAPrompt() {
        take(3 * BATCH);
        engine.capacity = BATCH;
        for (int i = 0; i < 4; i++) {
            peers.die();
            startAndHandOver();
            engine.session().running.clear();
        }
        assertThat(counted()).hasSizeBetween(BATCH, 2 * BATCH);
    }

    @Test
    void aPromptIsNotCountedAsAloneWhileAnotherTaskIsInTheEngine() {
        take(1);
        for (int attempt = 2; attempt <= 4; attempt++) {
            peers.die();
            startAndHandOver();
        }
        peers.die();
        TaskContext taskContext = newTaskContext();
        TaskFairness.Quota other = taskContext.fairness().open();
        other.report(1, false);
        var context = newTask();
        new PromptProcessor(taskContext, LIMITS).init(context);
        List<byte[]> before = counted();
        engine.submitted.clear();
        for (int i = 0; i < 5; i++) {
            tick(context);
        }
        assertThat(engine.submitted).isEmpty();
        assertThat(counted()).containsExactlyElementsOf(before);
        other.report(0, false);
        tick(context);
        tick(context);
        assertThat(engine.submitted).hasSize(1);
        assertThat(counted()).doesNotContainAnyElementsOf(before);
    }

    /** What is noted of attempts. */
    private List<byte[]> counted() {
        List<byte[]> notes = new ArrayList<>();
        try (var entries = store.all()) {
            entries.forEachRemaining(entry -> {
                if (entry.key.endsWith("+notes+made")) {
                    notes.add(entry.value);
                }
            });
        }
        return notes;
    }

    @Test
    void rebalancesAndOrderlyStopsAreNotHeldAgainstAPrompt() {
        take(3);
        for (int i = 0; i < 10; i++) {
            peers.handOver();
            startAndHandOver();
            assertThat(engine.submitted).hasSize(3);
        }
        for (int i = 0; i < 10; i++) {
            peers.die();
            var context = newTask();
            TaskContext taskContext = newTaskContext();
            new PromptProcessor(taskContext, LIMITS).init(context);
            engine.submitted.clear();
            tick(context);
            tick(context);
            assertThat(engine.submitted).hasSize(3);
            taskContext.drain().finish();
            tick(context);
            taskContext.drain().recall();
            tick(context);
            tick(context);
            assertThat(engine.session().running).isEmpty();
            assertThat(taskContext.fairness().running()).isZero();
            assertThat(context.forwarded()).isEmpty();
        }
    }

    @Test
    void attemptsBeforeProgressDoNotCount() {
        take(1);
        for (int i = 0; i < 10; i++) {
            peers.die();
            var context = startAndHandOver();
            assertThat(engine.submitted).hasSize(1);
            String key = engine.submitted.getFirst().id();
            engine.session().made.put(key, Collections.nCopies(10 * (i + 1), 7));
            tick(context);
            assertThat(context.forwarded()).isEmpty();
        }
    }

    @Test
    void whatIsRecalledGoesOnFromItsLastToken() {
        var context = newTask();
        TaskContext taskContext = newTaskContext();
        PromptProcessor processor = new PromptProcessor(taskContext, LIMITS);
        processor.init(context);
        process(processor, context, 1, "a");
        process(processor, context, 2, "b");
        String first = engine.submitted.getFirst().id();
        engine.session().made.put(first, List.of(5));
        taskContext.drain().finish();
        process(processor, context, 3, "c");
        tick(context);
        assertThat(engine.submitted).as("nothing new goes in").hasSize(2);
        assertThat(engine.session().running).as("what runs may end").hasSize(2);
        taskContext.drain().recall();
        tick(context);
        tick(context);
        assertThat(taskContext.fairness().running()).isZero();
        assertThat(context.forwarded()).isEmpty();
        processor.close();

        var second = newTask();
        newProcessor().init(second);
        tick(second);
        tick(second);
        assertThat(submittedOffsets()).endsWith("01", "02", "03");
        assertThat(engine.session().made).containsEntry(first, List.of(5));
    }

    @Test
    void commandsThatWereNotCarriedOutAreAfterARestart() {
        take(2);
        var first = newTask();
        PromptProcessor before = newProcessor();
        before.init(first);
        first.setRecordMetadata("llama.control", 3, 0);
        before.process(new Record<>(
                null, new ControlCommand("c", Optional.of("id-1"), Optional.empty(), Optional.empty(), ""), 1000));
        assertThat(first.forwarded()).isEmpty();
        before.close();

        var second = newTask();
        newProcessor().init(second);
        tick(second);
        assertThat(second.forwarded()).hasSize(2);
        assertThat(completion(second.forwarded().getFirst().record().value()).status())
                .isEqualTo(Generation.Status.CANCELLED);
        assertThat(second.forwarded().getLast().record().value())
                .isEqualTo(new ControlAcknowledgement("c", "llama.control", 3, "instance", 1));
    }
}
