package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.prompt.FakeEngine;
import io.llamastreams.topology.prompt.FakePeers;
import io.llamastreams.topology.prompt.PromptCounters;
import io.llamastreams.topology.prompt.PromptProcessor;
import io.llamastreams.topology.prompt.TaskContext;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.ControlAcknowledgement;
import io.llamastreams.topology.record.ControlCommand;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.StatisticsRecord;
import io.llamastreams.topology.serde.CompletionDeserializer;
import io.llamastreams.topology.serde.PromptSerializer;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import io.llamastreams.topology.serde.Registries;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ends of prompts that are not the engine's will: commands, deadlines, duplicates. */
class ControlTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration TICK = Duration.ofMillis(20);

    @TempDir
    private Path stateDir;

    private final SchemaRegistry registry = Registries.open(Map.of("schema.registry.url", "mock://control"));
    private final FakeEngine engine = new FakeEngine();
    private final PromptCounters counters = new PromptCounters();
    private final Map<String, String> settings = new HashMap<>();

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], Prompt> prompts;
    private TestInputTopic<byte[], ControlCommand> control;
    private TestOutputTopic<byte[], CompletionRecord> completions;
    private TestOutputTopic<byte[], StatisticsRecord> statistics;
    private TestOutputTopic<byte[], ControlAcknowledgement> acknowledgements;

    @BeforeEach
    void start() {
        settings.put("bootstrap.servers", "unused:9092");
        settings.put("state.dir", stateDir.toString());
        settings.put("schema.registry.url", "mock://control");
        TopologyConfig config = TopologyConfig.of(settings);
        Properties properties = LlamaTopology.properties(config);
        TaskContext taskContext = new TaskContext(engine, new FakePeers(), counters, engine.time, "1.2.3");
        driver = new TopologyTestDriver(LlamaTopology.build(config, registry, taskContext), properties, START);
        TopicNames topics = config.topics();
        prompts = driver.createInputTopic(topics.prompts(), new ByteArraySerializer(), new PromptSerializer(registry));
        control = driver.createInputTopic(
                topics.control(),
                new ByteArraySerializer(),
                RecordSerdes.serializer(RecordMappings.CONTROL_COMMAND, registry));
        completions = driver.createOutputTopic(
                topics.completions(), new ByteArrayDeserializer(), new CompletionDeserializer(registry));
        statistics = driver.createOutputTopic(
                topics.statistics(),
                new ByteArrayDeserializer(),
                RecordSerdes.deserializer(RecordMappings.STATISTICS, registry));
        acknowledgements = driver.createOutputTopic(
                topics.acknowledgements(),
                new ByteArrayDeserializer(),
                RecordSerdes.deserializer(RecordMappings.CONTROL_ACKNOWLEDGEMENT, registry));
    }

    private void restart(String key, String value) {
        settings.put(key, value);
        driver.close();
        start();
    }

    @AfterEach
    void stop() {
        driver.close();
        registry.close();
    }

    private void send(String id, String tenant, String batch, Optional<Long> deadline) {
        Prompt text = Prompt.ofText(id, "text of " + id, GenerationOptions.DEFAULT);
        prompts.pipeInput(
                id.getBytes(StandardCharsets.UTF_8),
                new Prompt(id, text.input(), text.options(), 0, deadline, tenant, batch, Map.of()),
                START);
    }

    private void send(String id, String batch) {
        send(id, "", batch, Optional.empty());
    }

    private void cancel(String command, Optional<String> id, Optional<String> batch, Optional<String> tenant) {
        control.pipeInput(new ControlCommand(command, id, batch, tenant, "not wanted"));
    }

    private void cancelBatch(String command, String batch) {
        cancel(command, Optional.empty(), Optional.of(batch), Optional.empty());
    }

    private void tick() {
        driver.advanceWallClockTime(TICK);
    }

    private List<String> ends() {
        return completions.readValuesToList().stream()
                .map(end -> end.id() + " " + end.status())
                .toList();
    }

    @Test
    void aBatchEndsWhetherItWaitsOrRunsAndOthersGoOn() {
        engine.capacity = 2;
        send("a", "b1");
        send("b", "b2");
        send("c", "b1");
        send("d", "b2");
        cancelBatch("command", "b1");
        assertThat(acknowledgements.isEmpty()).isTrue();
        tick();
        List<CompletionRecord> ended = completions.readValuesToList();
        assertThat(ended).extracting(CompletionRecord::id).containsExactlyInAnyOrder("a", "c");
        assertThat(ended).extracting(CompletionRecord::status).containsOnly(Generation.Status.CANCELLED);
        assertThat(ended).extracting(CompletionRecord::error).containsOnly("cancelled by command command: not wanted");
        CompletionRecord running =
                ended.stream().filter(end -> end.id().equals("a")).findFirst().orElseThrow();
        assertThat(running.choices().getFirst().text()).as("what it had").isEqualTo("so far");
        assertThat(acknowledgements.readValuesToList())
                .containsExactly(new ControlAcknowledgement("command", "llama.control", 0, "instance", 2));

        engine.session().finishAll();
        tick();
        engine.session().finishAll();
        tick();
        assertThat(ends()).containsExactly("b SUCCEEDED", "d SUCCEEDED");
        assertThat(counters.counts().pending()).isZero();
    }

    @Test
    void aTextThatEndsBeforeTheEngineHearsOfTheCommandHasSucceeded() {
        send("a", "b1");
        engine.session().finishOldest("whole");
        cancelBatch("command", "b1");
        tick();
        tick();
        assertThat(ends()).containsExactly("a SUCCEEDED");
        assertThat(acknowledgements.readValue().cancelled()).isZero();
    }

    @Test
    void idlePartitionsAcknowledgeAtOnceAndLaterPromptsOfTheBatchEndAtOnce() {
        cancelBatch("command", "b1");
        assertThat(acknowledgements.readValue().cancelled()).isZero();
        send("a", "b1");
        send("b", "b2");
        assertThat(ends()).containsExactly("a CANCELLED");
        assertThat(engine.submitted).hasSize(1);
    }

    @Test
    void commandsAreForgottenAfterTheirTime() {
        restart(TopologyConfig.CONTROL_RETENTION_MS, "60000");
        cancelBatch("command", "b1");
        driver.advanceWallClockTime(Duration.ofMillis(59_999));
        send("a", "b1");
        driver.advanceWallClockTime(Duration.ofMillis(1));
        send("b", "b1");
        assertThat(ends()).containsExactly("a CANCELLED");
        assertThat(engine.submitted).hasSize(1);
        cancelBatch("another", "b2");
        assertThat(driver.getKeyValueStore(PromptProcessor.CONTROL_STORE).get("command"))
                .isNull();
    }

    @Test
    void aCommandIsAboutThoseWhoseIdBatchAndTenantItNames() {
        engine.capacity = 0;
        for (String tenant : List.of("x", "y")) {
            send("1", tenant, "b1", Optional.empty());
            send("2", tenant, "b1", Optional.empty());
        }
        cancel("c1", Optional.of("1"), Optional.of("b2"), Optional.empty());
        cancel("c2", Optional.of("1"), Optional.of("b1"), Optional.of("y"));
        tick();
        assertThat(completions.readValuesToList())
                .extracting(end -> end.tenant() + end.id())
                .containsExactly("y1");
        assertThat(acknowledgements.readValuesToList())
                .extracting(found -> found.commandId() + " " + found.cancelled())
                .containsExactly("c1 0", "c2 1");
        cancel("c3", Optional.of("1"), Optional.empty(), Optional.empty());
        tick();
        assertThat(completions.readValuesToList())
                .extracting(end -> end.tenant() + end.id())
                .containsExactly("x1");
    }

    @Test
    void aCommandThatComesTwiceIsAcknowledgedTwice() {
        send("a", "b1");
        cancelBatch("command", "b1");
        tick();
        cancelBatch("command", "b1");
        assertThat(ends()).containsExactly("a CANCELLED");
        assertThat(acknowledgements.readValuesToList())
                .extracting(ControlAcknowledgement::cancelled)
                .containsExactly(1L, 1L);
    }

    @Test
    void deadlinesPassAlsoInTheMiddleOfTheLine() {
        engine.capacity = 1;
        send("runs", "", "", Optional.empty());
        send("first", "", "", Optional.empty());
        send("late", "", "", Optional.of(engine.time.millis() + 1000));
        tick();
        assertThat(completions.isEmpty()).isTrue();
        engine.time.await(Duration.ofSeconds(1));
        tick();
        assertThat(ends()).containsExactly("late EXPIRED");
        engine.session().finishAll();
        tick();
        engine.session().finishAll();
        tick();
        assertThat(ends()).containsExactly("runs SUCCEEDED", "first SUCCEEDED");
    }

    @Test
    void promptsWithoutADeadlineGetTheDefaultFromTheirTimestamp() {
        restart(TopologyConfig.DEFAULT_DEADLINE_MS, "5000");
        send("a", "", "", Optional.of(7L));
        send("b", "", "", Optional.empty());
        assertThat(engine.submitted)
                .extracting(prompt -> prompt.deadlineMillis().orElseThrow())
                .containsExactly(7L, START.toEpochMilli() + 5000);
    }

    @Test
    void duplicatesAreAnsweredFromTheFirstCompletion() {
        restart(TopologyConfig.DUPLICATES_WINDOW_MS, "60000");
        send("a", "b1");
        send("a", "b2");
        engine.session().finishOldest("text");
        tick();
        send("a", "b3");
        send("a", "other tenant", "", Optional.empty());
        List<CompletionRecord> ended = completions.readValuesToList();
        assertThat(ended).extracting(CompletionRecord::batchId).containsExactly("b1", "b2", "b3");
        assertThat(ended).extracting(end -> end.choices().getFirst().text()).containsOnly("text");
        Origin first = new Origin("llama.prompts", 0, 0);
        assertThat(ended)
                .extracting(end -> end.lineage().copyOf())
                .containsExactly(Optional.empty(), Optional.of(first), Optional.of(first));
        assertThat(ended).extracting(end -> end.lineage().origin().offset()).containsExactly(0L, 1L, 2L);
        assertThat(statistics.readValuesToList())
                .as("a copy costs nothing")
                .extracting(cost -> cost.usage().completionTokens())
                .containsExactly(2, 0, 0);
        assertThat(engine.submitted).as("a, and that of the other tenant").hasSize(2);

        driver.advanceWallClockTime(Duration.ofSeconds(61));
        send("a", "b4");
        assertThat(engine.submitted).as("the window is over").hasSize(3);
    }

    @Test
    void whatDidNotSucceedMayBeSentAgainAndThoseThatFollowedItTakeItsPlace() {
        restart(TopologyConfig.DUPLICATES_WINDOW_MS, "60000");
        send("a", "b1");
        send("a", "b2");
        send("a", "b3");
        engine.session().failOldest("step failed");
        tick();
        assertThat(ends()).containsExactly("a FAILED");
        tick();
        engine.session().finishAll();
        tick();
        assertThat(ends()).containsExactly("a SUCCEEDED", "a SUCCEEDED");
        assertThat(engine.submitted).hasSize(2);
        assertThat(counters.counts().pending()).isZero();
    }

    @Test
    void duplicatesMayExpireOrBeCancelledWhileTheFirstRuns() {
        restart(TopologyConfig.DUPLICATES_WINDOW_MS, "60000");
        send("a", "b1");
        send("a", "b2");
        send("a", "", "b3", Optional.of(engine.time.millis() + 1000));
        cancelBatch("command", "b2");
        engine.time.await(Duration.ofSeconds(1));
        tick();
        assertThat(ends()).containsExactly("a CANCELLED", "a EXPIRED");
        engine.session().finishAll();
        tick();
        assertThat(ends()).containsExactly("a SUCCEEDED");
        assertThat(driver.<String, byte[]>getKeyValueStore(PromptProcessor.PENDING_STORE)
                        .approximateNumEntries())
                .isZero();
    }

    @Test
    void duplicatesMayBeRejectedAndAnotherRequestOfTheSameIdAlwaysIs() {
        settings.put(TopologyConfig.DUPLICATES, "reject");
        restart(TopologyConfig.DUPLICATES_WINDOW_MS, "60000");
        send("a", "b1");
        send("a", "b2");
        prompts.pipeInput(Prompt.ofText("a", "something else", GenerationOptions.DEFAULT));
        List<CompletionRecord> ended = completions.readValuesToList();
        assertThat(ended)
                .extracting(CompletionRecord::error)
                .containsExactly(
                        "duplicate: the same request came before, at llama.prompts-0 offset 0",
                        "id: expected one that is new, found that of a different request at llama.prompts-0 offset 0");
        assertThat(ended).extracting(CompletionRecord::status).containsOnly(Generation.Status.REJECTED);
    }

    @Test
    void answersAreForgottenWhereThereIsNoMoreRoom() {
        settings.put(TopologyConfig.DUPLICATES_MAX_BYTES, "800");
        restart(TopologyConfig.DUPLICATES_WINDOW_MS, "60000");
        for (int i = 0; i < 10; i++) {
            send("id-" + i, "");
            engine.session().finishAll();
            tick();
        }
        assertThat(driver.<String, byte[]>getKeyValueStore(PromptProcessor.ANSWER_STORE)
                        .approximateNumEntries())
                .isBetween(1L, 5L);
        send("id-0", "");
        send("id-9", "");
        assertThat(engine.submitted).as("only the last was still known").hasSize(11);
    }
}
