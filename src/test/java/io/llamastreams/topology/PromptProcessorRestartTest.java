package io.llamastreams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.serving.GenerationOptions;
import io.llamastreams.serving.Prompt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    private static final IntakeLimits LIMITS = new IntakeLimits(
            1000, 1_000_000, 1_000_000, Duration.ofMillis(10), 4, Duration.ofSeconds(1), Duration.ofMillis(20));

    @TempDir
    private Path stateDir;

    private final FakeEngine engine = new FakeEngine();
    private final PromptCounters counters = new PromptCounters();
    private KeyValueStore<String, byte[]> store;

    private MockProcessorContext<byte[], Outcome> newTask() {
        Properties properties = new Properties();
        properties.putAll(Map.of("application.id", "a", "bootstrap.servers", "unused:9092"));
        var context = new MockProcessorContext<byte[], Outcome>(properties, new TaskId(0, 3), stateDir.toFile());
        if (store == null) {
            store = Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(PromptProcessor.PENDING_STORE),
                            Serdes.String(),
                            Serdes.ByteArray())
                    .withLoggingDisabled()
                    .build();
            store.init(context.getStateStoreContext(), store);
        }
        context.addStateStore(store);
        context.setCurrentSystemTimeMs(5000);
        return context;
    }

    private PromptProcessor newProcessor() {
        return new PromptProcessor(new Surroundings(engine, counters, engine.time, "1"), LIMITS);
    }

    private static void process(
            PromptProcessor processor, MockProcessorContext<byte[], Outcome> context, long offset, String id) {
        context.setRecordMetadata("llama.prompts", 3, offset);
        processor.process(new Record<>(
                ("key of " + id).getBytes(StandardCharsets.UTF_8),
                new IncomingPrompt(Prompt.ofText(id, "text", GenerationOptions.DEFAULT), ""),
                1000 + offset,
                new RecordHeaders().add("trace", id.getBytes(StandardCharsets.UTF_8))));
    }

    private static void tick(MockProcessorContext<byte[], Outcome> context) {
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
        assertThat(engine.submitted).hasSize(2);
        engine.session().finishAll();
        tick(second);

        assertThat(second.forwarded())
                .extracting(forward -> forward.record().value().completion().id())
                .containsExactly("id-10", "id-100");
        var record = second.forwarded().getFirst().record();
        assertThat(record.key()).isEqualTo("key of id-10".getBytes(StandardCharsets.UTF_8));
        assertThat(record.headers().lastHeader("trace").value()).isEqualTo("id-10".getBytes(StandardCharsets.UTF_8));
        assertThat(record.value().completion().lineage().origin()).isEqualTo(new Origin("llama.prompts", 3, 10));
        assertThat(record.value().completion().lineage().promptTimestamp().toEpochMilli())
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
        engine.session().finishAll();
        tick(second);
        assertThat(second.forwarded())
                .extracting(forward -> forward.record().value().completion().id())
                .containsExactly("old", "new");
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
        assertThat(engine.session().made)
                .containsEntry(keys.get(0), List.of())
                .containsEntry(keys.get(1), List.of(1, 2, 3, 4, 5, 6))
                .containsEntry(keys.get(2), List.of(9));
        engine.session().finishAll();
        tick(second);
        assertThat(second.forwarded()).hasSize(3);
        assertThat(store.approximateNumEntries()).isZero();
    }
}
