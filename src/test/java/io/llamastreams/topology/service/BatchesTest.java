package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.topology.batch.BatchTracker;
import io.llamastreams.topology.batch.Batches;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.prompt.FakeEngine;
import io.llamastreams.topology.prompt.FakePeers;
import io.llamastreams.topology.prompt.PromptCounters;
import io.llamastreams.topology.prompt.TaskContext;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.serde.CompletionDeserializer;
import io.llamastreams.topology.serde.PromptSerializer;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import io.llamastreams.topology.serde.Registries;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration RETENTION = Duration.ofHours(5);

    @TempDir
    private Path stateDir;

    private final SchemaRegistry registry = Registries.open(Map.of("schema.registry.url", "mock://batches"));
    private final FakeEngine engine = new FakeEngine();

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], Prompt> prompts;
    private TestOutputTopic<byte[], CompletionRecord> completions;
    private TestOutputTopic<String, BatchRecord> batches;

    @BeforeEach
    void start() {
        TopologyConfig config = TopologyConfig.of(Map.of(
                "bootstrap.servers",
                "unused:9092",
                "state.dir",
                stateDir.toString(),
                "schema.registry.url",
                "mock://batches",
                "llama.batches.retention.ms",
                Long.toString(RETENTION.toMillis())));
        Properties properties = LlamaTopology.properties(config);
        driver = new TopologyTestDriver(
                LlamaTopology.build(
                        config,
                        registry,
                        new TaskContext(engine, new FakePeers(), new PromptCounters(), engine.time, "1.2.3")),
                properties,
                START);
        prompts = driver.createInputTopic("llama.prompts", new ByteArraySerializer(), new PromptSerializer(registry));
        completions = driver.createOutputTopic(
                "llama.completions", new ByteArrayDeserializer(), new CompletionDeserializer(registry));
        Deserializer<BatchRecord> values = RecordSerdes.deserializer(RecordMappings.BATCH, registry);
        Deserializer<BatchRecord> orNone = (topic, bytes) -> bytes == null ? null : values.deserialize(topic, bytes);
        batches = driver.createOutputTopic("llama.batches", new StringDeserializer(), orNone);
    }

    @AfterEach
    void stop() {
        driver.close();
        registry.close();
    }

    private void send(String id, String batch) {
        prompts.pipeInput(id.getBytes(StandardCharsets.UTF_8), prompt(id, batch));
    }

    private void sendWithTotal(String id, String batch, String total) {
        var headers = new RecordHeaders().add(Batches.TOTAL_HEADER, total.getBytes(StandardCharsets.UTF_8));
        prompts.pipeInput(new TestRecord<>(id.getBytes(StandardCharsets.UTF_8), prompt(id, batch), headers, START));
    }

    private static Prompt prompt(String id, String batch) {
        return new Prompt(
                id,
                new PromptInput.Text("text of " + id),
                GenerationOptions.DEFAULT,
                0,
                Optional.empty(),
                "",
                batch,
                Map.of());
    }

    private void publish() {
        driver.advanceWallClockTime(BatchTracker.PUBLISH_EVERY);
    }

    private BatchRecord stored(String batch) {
        return driver.<String, BatchRecord>getKeyValueStore(Batches.STORE).get(batch);
    }

    @Test
    void countsWhatWasSeenAndHowItEnded() {
        send("a", "b1");
        send("b", "b1");
        send("c", "b2");
        send("d", "");
        engine.answer = prompt -> Optional.of(new Submission.Refused(Generation.rejected(prompt.id(), "no")));
        send("e", "b1");
        engine.answer = prompt -> Optional.empty();
        assertThat(batches.isEmpty()).as("progress is published on a tick").isTrue();
        publish();
        assertThat(batches.readKeyValuesToList())
                .extracting(pair -> pair.key)
                .as("one record a batch, whatever happened since the last")
                .containsExactly("b1", "b2");
        assertThat(stored("b1"))
                .isEqualTo(new BatchRecord(
                        "b1", 0, 3, new UsageRecord.Totals(0, 1, 0, 0, 0, 0, 0, 0), START, START, Optional.empty()));

        engine.session().finishOldest("text");
        engine.session().failOldest("step failed");
        driver.advanceWallClockTime(Duration.ofMillis(20));
        publish();
        BatchRecord last = batches.readKeyValuesToList().getLast().value;
        assertThat(last.ends()).isEqualTo(new UsageRecord.Totals(1, 1, 1, 0, 0, 3, 1, 2));
        assertThat(last.ended()).isEqualTo(3);
        assertThat(last.pending()).isZero();
        assertThat(last.first()).isEqualTo(START);
        assertThat(last.last()).isAfter(START);
        assertThat(last.completed()).as("nobody said how many there are").isEmpty();
        assertThat(stored("b2").pending()).isEqualTo(1);
        assertThat(stored("")).isNull();
    }

    @Test
    void saysOnceWhenAllAnnouncedPromptsHaveEnded() {
        sendWithTotal("a", "b", "3");
        send("b", "b");
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofMillis(20));
        publish();
        assertThat(batches.readKeyValuesToList()).extracting(pair -> pair.value).allSatisfy(batch -> {
            assertThat(batch.announced()).isEqualTo(3);
            assertThat(batch.completed()).isEmpty();
        });
        send("c", "b");
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofMillis(20));
        List<BatchRecord> told =
                batches.readKeyValuesToList().stream().map(pair -> pair.value).toList();
        assertThat(told).as("at once, not on a tick").hasSize(1);
        assertThat(told.getFirst().completed()).contains(told.getFirst().last());
        assertThat(told.getFirst().ended()).isEqualTo(3);
        publish();
        driver.advanceWallClockTime(Duration.ofMinutes(10));
        assertThat(batches.isEmpty()).as("and never again").isTrue();
    }

    @Test
    void theLastPromptMayAnnounceAndTheTotalsOrderDoesNotMatter() {
        send("a", "b");
        sendWithTotal("b", "b", "2");
        sendWithTotal("c", "b", "1");
        assertThat(stored("b").announced()).isEqualTo(2);
        engine.session().finishOldest("text");
        engine.session().finishOldest("text");
        driver.advanceWallClockTime(Duration.ofMillis(20));
        assertThat(stored("b").completed())
                .as("a prompt that was seen has not ended")
                .isEmpty();
        engine.session().finishOldest("text");
        driver.advanceWallClockTime(Duration.ofMillis(20));
        assertThat(stored("b").completed()).isPresent();
    }

    @Test
    void laterPromptsOpenABatchAgain() {
        sendWithTotal("a", "b", "1");
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofMillis(20));
        assertThat(stored("b").completed()).isPresent();
        send("late", "b");
        assertThat(stored("b").completed()).isEmpty();
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofMillis(20));
        assertThat(stored("b").completed()).isPresent();
    }

    @Test
    void headersThatAreNoNumberAnnounceNothingAndTheirPromptIsServed() {
        for (String bad : List.of("", "many", "-1", "1.5", "9999999999999999999")) {
            sendWithTotal("p" + bad, "b", bad);
        }
        prompts.pipeInput(new TestRecord<>(
                null, prompt("null", "b"), new RecordHeaders().add(Batches.TOTAL_HEADER, null), START));
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofMillis(20));
        assertThat(completions.readValuesToList())
                .hasSize(6)
                .allSatisfy(completion -> assertThat(completion.status()).isEqualTo(Generation.Status.SUCCEEDED));
        assertThat(stored("b").announced()).isZero();
        assertThat(stored("b").ended()).isEqualTo(6);
    }

    @Test
    void batchIdsWithoutMeasureAreServedButNotCounted() {
        String longest = "x".repeat(Batches.MAX_ID_LENGTH);
        send("a", longest);
        send("b", longest + "x");
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofMillis(20));
        assertThat(completions.readValuesToList()).hasSize(2);
        List<String> ids = new ArrayList<>();
        driver.<String, BatchRecord>getKeyValueStore(Batches.STORE).all().forEachRemaining(entry -> ids.add(entry.key));
        assertThat(ids).containsExactly(longest);
    }

    @Test
    void oldBatchesAreForgottenButNotWhileTheyHavePendingPrompts() {
        sendWithTotal("a", "done", "1");
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofMillis(20));
        send("b", "pending");
        publish();
        batches.readKeyValuesToList();
        driver.advanceWallClockTime(RETENTION.minusHours(2));
        assertThat(stored("done")).isNotNull();
        for (int i = 0; i < 4; i++) {
            driver.advanceWallClockTime(BatchTracker.FORGET_EVERY);
        }
        assertThat(stored("done")).isNull();
        assertThat(stored("pending")).isNotNull();
        assertThat(batches.readKeyValuesToList()).containsExactly(KeyValue.pair("done", null));
    }
}
