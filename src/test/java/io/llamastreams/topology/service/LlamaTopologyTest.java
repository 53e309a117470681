package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.registry.RegistryUnavailableException;
import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.testing.CapturedLog;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.prompt.FakeEngine;
import io.llamastreams.topology.prompt.FakePeers;
import io.llamastreams.topology.prompt.PromptCounters;
import io.llamastreams.topology.prompt.PromptProcessor;
import io.llamastreams.topology.prompt.TaskContext;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.DifferenceRecord;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.StatisticsRecord;
import io.llamastreams.topology.record.UsageKey;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.serde.CompletionDeserializer;
import io.llamastreams.topology.serde.PromptSerializer;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import io.llamastreams.topology.serde.Registries;
import io.llamastreams.topology.serde.TestSerdes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaTopologyTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration TICK = Duration.ofMillis(20);

    @TempDir
    private Path stateDir;

    private final SchemaRegistry registry = Registries.open(Map.of("schema.registry.url", "mock://llama-topology"));
    private final FakeEngine engine = new FakeEngine();
    private final FakePeers peers = new FakePeers();
    private final PromptCounters counters = new PromptCounters();
    private final Map<String, String> settings = new HashMap<>();

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], Prompt> prompts;
    private TestInputTopic<byte[], byte[]> rawPrompts;
    private TestOutputTopic<byte[], CompletionRecord> completions;
    private TestOutputTopic<byte[], StatisticsRecord> statistics;
    private TestOutputTopic<UsageKey, UsageRecord> usage;
    private TestOutputTopic<byte[], byte[]> deadLetters;

    @BeforeEach
    void start() {
        settings.put("bootstrap.servers", "unused:9092");
        settings.put("state.dir", stateDir.toString());
        settings.put("schema.registry.url", "mock://llama-topology");
        start(registry);
    }

    private void restart() {
        driver.close();
        start(registry);
    }

    private void start(SchemaRegistry usedRegistry) {
        TopologyConfig config = TopologyConfig.of(settings);
        Properties properties = LlamaTopology.properties(config);
        driver = new TopologyTestDriver(
                LlamaTopology.build(
                        config, usedRegistry, new TaskContext(engine, peers, counters, engine.time, "1.2.3")),
                properties,
                START);
        TopicNames topics = config.topics();
        prompts = driver.createInputTopic(topics.prompts(), new ByteArraySerializer(), new PromptSerializer(registry));
        rawPrompts = driver.createInputTopic(topics.prompts(), new ByteArraySerializer(), new ByteArraySerializer());
        completions = driver.createOutputTopic(
                topics.completions(), new ByteArrayDeserializer(), new CompletionDeserializer(registry));
        statistics = driver.createOutputTopic(
                topics.statistics(),
                new ByteArrayDeserializer(),
                RecordSerdes.deserializer(RecordMappings.STATISTICS, registry));
        usage = driver.createOutputTopic(
                topics.usage(),
                TestSerdes.keyDeserializer(RecordMappings.USAGE_KEY, registry),
                RecordSerdes.deserializer(RecordMappings.USAGE, registry));
        deadLetters =
                driver.createOutputTopic(topics.deadLetter(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        if (!engine.session().closed) {
            driver.close();
        }
        registry.close();
    }

    private static Prompt prompt(String id) {
        return Prompt.ofText(id, "text of " + id, GenerationOptions.DEFAULT);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void tick() {
        driver.advanceWallClockTime(TICK);
    }

    private List<String> pendingKeys() {
        List<String> keys = new java.util.ArrayList<>();
        try (var entries = driver.<String, byte[]>getKeyValueStore(PromptProcessor.PENDING_STORE)
                .all()) {
            entries.forEachRemaining(entry -> keys.add(entry.key));
        }
        return keys;
    }

    @Test
    void keepsAPromptPendingUntilItsTextIsThere() {
        prompts.pipeInput(bytes("k"), prompt("a"));
        tick();
        assertThat(completions.isEmpty()).isTrue();
        assertThat(pendingKeys()).containsExactly("llama.prompts-0-0000000000000000000");
        assertThat(counters.counts().pending()).isEqualTo(1);

        engine.session().finishOldest(" a story");
        tick();
        assertThat(completions.readValue().choices().getFirst().text()).isEqualTo(" a story");
        assertThat(completions.isEmpty()).isTrue();
        assertThat(statistics.readValuesToList()).hasSize(1);
        assertThat(pendingKeys()).isEmpty();
        assertThat(counters.counts().pending()).isZero();
    }

    @Test
    void completionsBearWhatThePromptHad() {
        Prompt prompt = new Prompt(
                "a",
                prompt("a").input(),
                GenerationOptions.DEFAULT,
                3,
                Optional.empty(),
                "acme",
                "batch",
                Map.of("order", "7"));
        Instant sent = START.minusSeconds(100);
        var headers = new RecordHeaders()
                .add("trace", bytes("1"))
                .add("trace", bytes("2"))
                .add("empty", null);
        prompts.pipeInput(new TestRecord<>(bytes("k"), prompt, headers, sent));
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofSeconds(1));

        var record = completions.readRecord();
        assertThat(record.key()).isEqualTo(bytes("k"));
        assertThat(record.headers()).isEqualTo(headers);
        assertThat(record.getRecordTime()).isEqualTo(START.plusSeconds(1));
        CompletionRecord completion = record.value();
        assertThat(completion.id()).isEqualTo("a");
        assertThat(completion.status()).isEqualTo(Generation.Status.SUCCEEDED);
        assertThat(completion.tenant()).isEqualTo("acme");
        assertThat(completion.batchId()).isEqualTo("batch");
        assertThat(completion.attributes()).containsEntry("order", "7");
        assertThat(completion.usage().completionTokens()).isEqualTo(2);
        assertThat(completion.lineage())
                .isEqualTo(new CompletionRecord.Lineage(
                        new Origin("llama.prompts", 0, 0),
                        sent,
                        "fake-model",
                        99,
                        "1.2.3",
                        "f16",
                        engine.digests().of(prompt)));
        StatisticsRecord cost = statistics.readValue();
        assertThat(cost)
                .isEqualTo(new StatisticsRecord(
                        "a", Generation.Status.SUCCEEDED, "acme", "fake-model", "batch", completion.usage()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"template", "tokens"})
    void promptsPlacedByPrefixKeepWhatTheirRecordsHad(String mode) {
        settings.put("llama.prefix.affinity", mode);
        restart();
        Prompt plain = prompt("a");
        Prompt prompt = new Prompt(
                "a", plain.input(), plain.options(), 3, Optional.empty(), "acme", "batch", Map.of("template", "t"));
        Instant sent = START.minusSeconds(100);
        var headers = new RecordHeaders().add("trace", bytes("1")).add("empty", null);
        prompts.pipeInput(new TestRecord<>(bytes("first"), prompt("before"), new RecordHeaders(), sent));
        prompts.pipeInput(new TestRecord<>(bytes("k"), prompt, headers, sent));
        assertThat(pendingKeys())
                .containsExactlyInAnyOrder(
                        "llama.prompts-0-0000000000000000000", "llama.prompts-0-0000000000000000001");
        engine.session().finishAll();
        tick();

        assertThat(completions.readKeyValue().key).isEqualTo(bytes("first"));
        var record = completions.readRecord();
        assertThat(record.key()).isEqualTo(bytes("k"));
        assertThat(record.headers()).isEqualTo(headers);
        CompletionRecord completion = record.value();
        assertThat(completion.lineage().origin()).isEqualTo(new Origin("llama.prompts", 0, 1));
        assertThat(completion.lineage().promptTimestamp()).isEqualTo(sent);
        assertThat(completion.lineage().digests()).isEqualTo(engine.digests().of(prompt));
        assertThat(completion.attributes()).isEqualTo(prompt.attributes());
        assertThat(pendingKeys()).isEmpty();
    }

    @Test
    void faultsOfPromptsPlacedByPrefixAreRefusedAndBadRecordsAreDeadAsEver() {
        // the driver forgets what a transaction sent outside of processing
        settings.put("processing.guarantee", "at_least_once");
        settings.put("llama.prefix.affinity", "tokens");
        restart();
        prompts.pipeInput(bytes("k"), prompt(""));
        CompletionRecord completion = completions.readValue();
        assertThat(completion.status()).isEqualTo(Generation.Status.REJECTED);
        assertThat(completion.error()).isEqualTo("id: expected text, found none");
        assertThat(completion.lineage().origin()).isEqualTo(new Origin("llama.prompts", 0, 0));
        rawPrompts.pipeInput(bytes("k"), bytes("no record"));
        prompts.pipeInput(bytes("k"), prompt("after"));
        assertThat(deadLetters.readValue()).isEqualTo(bytes("no record"));
    }

    @Test
    void completionsAreComparedWithThoseOfAnotherRunWhicheverComesFirst() {
        settings.put("llama.replay.of", "completions-before");
        restart();
        TestInputTopic<byte[], CompletionRecord> before = driver.createInputTopic(
                "completions-before",
                new ByteArraySerializer(),
                RecordSerdes.serializer(RecordMappings.COMPLETION, registry));
        TestOutputTopic<byte[], DifferenceRecord> differences = driver.createOutputTopic(
                "llama.differences",
                new ByteArrayDeserializer(),
                RecordSerdes.deserializer(RecordMappings.DIFFERENCE, registry));
        prompts.pipeInput(null, prompt("a"));
        prompts.pipeInput(null, prompt("b"));
        prompts.pipeInput(null, prompt("a"));
        engine.session().finishAll();
        tick();
        List<CompletionRecord> now = completions.readValuesToList();
        assertThat(differences.isEmpty()).isTrue();

        before.pipeInput(null, now.get(1));
        assertThat(differences.readValue()).satisfies(found -> {
            assertThat(found.id()).isEqualTo("b");
            assertThat(found.origin()).isEqualTo(new Origin("llama.prompts", 0, 1));
            assertThat(found.equal()).isTrue();
            assertThat(found.firstDifferentToken()).isEqualTo(-1);
            assertThat(found.now()).isEqualTo(found.before());
            assertThat(found.now().modelDigest()).isEqualTo("m".repeat(64));
        });
        before.pipeInput(bytes("x"), withTokens(now.get(2), List.of(7, 9, 10)));
        assertThat(differences.readValue()).satisfies(found -> {
            assertThat(found.origin()).isEqualTo(new Origin("llama.prompts", 0, 2));
            assertThat(found.equal()).isFalse();
            assertThat(found.firstDifferentToken()).isEqualTo(1);
            assertThat(found.before().tokenIds()).containsExactly(7, 9, 10);
            assertThat(found.now().tokenIds()).containsExactly(7, 8);
        });
        CompletionRecord later = withTokens(now.get(0), List.of(7, 8, 9));
        before.pipeInput(
                bytes("y"),
                new CompletionRecord(
                        "d",
                        later.status(),
                        later.answer(),
                        later.usage(),
                        "",
                        new CompletionRecord.Lineage(new Origin("llama.prompts", 0, 3), START, "old", 1, "1", "f32"),
                        "",
                        "",
                        Map.of()));
        assertThat(differences.isEmpty()).as("the prompt has not ended here").isTrue();
        prompts.pipeInput(null, prompt("d"));
        engine.session().finishAll();
        tick();
        assertThat(differences.readValue()).satisfies(found -> {
            assertThat(found.id()).isEqualTo("d");
            assertThat(found.firstDifferentToken())
                    .as("one of them ended there")
                    .isEqualTo(2);
            assertThat(found.before().model()).isEqualTo("old");
            assertThat(found.now().model()).isEqualTo("fake-model");
        });
    }

    private static CompletionRecord withTokens(CompletionRecord completion, List<Integer> ids) {
        return new CompletionRecord(
                completion.id(),
                completion.status(),
                new Answer.Texts(Choice.only("other", ids, Optional.of("stop"), List.of())),
                completion.usage(),
                "",
                completion.lineage(),
                "",
                "",
                Map.of());
    }

    @Test
    void completionsDoNotBearTheHeaderOfThePromptsSchema() {
        byte[] framed = new PromptSerializer(registry).serialize("llama.prompts", prompt("a"));
        byte[] idInHeader = java.util.Arrays.copyOf(framed, 5);
        byte[] body = java.util.Arrays.copyOfRange(framed, 5, framed.length);
        var headers = new RecordHeaders().add("__value_schema_id", idInHeader).add("__key_schema_id", bytes("key"));
        rawPrompts.pipeInput(new TestRecord<>(null, body, headers, START));
        engine.session().finishAll();
        tick();
        var record = completions.readRecord();
        assertThat(record.key()).isNull();
        assertThat(record.headers()).isEqualTo(new RecordHeaders().add("__key_schema_id", bytes("key")));
    }

    @Test
    void refusedPromptsLeaveAtOnce() {
        engine.answer = prompt ->
                Optional.of(new Submission.Refused(Generation.rejected(prompt.id(), "temperature: expected better")));
        prompts.pipeInput(bytes("k"), prompt("a"));
        CompletionRecord completion = completions.readValue();
        assertThat(completion.id()).isEqualTo("a");
        assertThat(completion.status()).isEqualTo(Generation.Status.REJECTED);
        assertThat(completion.error()).isEqualTo("temperature: expected better");
        assertThat(completion.choices()).isEmpty();
        assertThat(statistics.readValue().status()).isEqualTo(Generation.Status.REJECTED);
        assertThat(pendingKeys()).isEmpty();
    }

    @Test
    void promptsThatServingStumblesOverFail() {
        engine.answer = prompt -> {
            throw new IllegalArgumentException("a bug");
        };
        try (CapturedLog log = new CapturedLog()) {
            prompts.pipeInput(bytes("k"), prompt("a"));
            assertThat(log.text())
                    .contains("prompt llama.prompts-0-0000000000000000000 failed")
                    .contains("IllegalArgumentException")
                    .as("which may be the prompt's own words")
                    .doesNotContain("a bug");
        }
        engine.answer = prompt -> Optional.empty();
        prompts.pipeInput(bytes("k"), prompt("b"));
        engine.session().finishAll();
        tick();
        List<CompletionRecord> all = completions.readValuesToList();
        assertThat(all)
                .extracting(CompletionRecord::status)
                .containsExactly(Generation.Status.FAILED, Generation.Status.SUCCEEDED);
        assertThat(all.getFirst().error()).contains("a bug");
        assertThat(all.getFirst().id()).isEqualTo("a");
    }

    @Test
    void promptsThatTheEngineFailsAreFailedCompletions() {
        prompts.pipeInput(bytes("k"), prompt("a"));
        engine.session().failOldest("step failed");
        tick();
        CompletionRecord completion = completions.readValue();
        assertThat(completion.status()).isEqualTo(Generation.Status.FAILED);
        assertThat(completion.error()).isEqualTo("step failed");
        assertThat(pendingKeys()).isEmpty();
    }

    @Test
    void busyEnginesGetPromptsLaterInTheirOrder() {
        engine.capacity = 1;
        for (String id : List.of("a", "b", "c")) {
            prompts.pipeInput(bytes("k"), prompt(id));
        }
        assertThat(engine.submitted).hasSize(1);
        assertThat(pendingKeys()).hasSize(3);
        for (int i = 0; i < 3; i++) {
            engine.session().finishOldest("text");
            tick();
        }
        assertThat(completions.readValuesToList())
                .extracting(CompletionRecord::id)
                .containsExactly("a", "b", "c");
        assertThat(pendingKeys()).isEmpty();
    }

    @Test
    void laterPromptsDoNotOvertakeThoseInLine() {
        engine.capacity = 1;
        prompts.pipeInput(bytes("k"), prompt("a"));
        prompts.pipeInput(bytes("k"), prompt("b"));
        engine.capacity = 2;
        prompts.pipeInput(bytes("k"), prompt("c"));
        assertThat(engine.submitted).hasSize(1);
        tick();
        assertThat(engine.submitted)
                .extracting(prompt -> prompt.id().substring(prompt.id().length() - 1))
                .containsExactly("0", "1");
    }

    @Test
    void promptsWithEqualIdsEachGetTheirCompletion() {
        prompts.pipeInput(bytes("k"), prompt("same"));
        prompts.pipeInput(bytes("k"), prompt("same"));
        engine.session().finishAll();
        tick();
        assertThat(completions.readValuesToList())
                .extracting(c -> c.id() + "@" + c.lineage().origin().offset())
                .containsExactly("same@0", "same@1");
    }

    @Test
    void theSeedComesFromTheUsersIdAndNotFromThePlaceOnTheTopic() {
        prompts.pipeInput(bytes("k"), prompt("same"));
        prompts.pipeInput(bytes("k"), prompt("same"));
        prompts.pipeInput(bytes("k"), prompt("other"));
        var seeds = engine.submitted.stream()
                .map(prompt -> prompt.options().seed().orElseThrow())
                .toList();
        assertThat(seeds.get(0)).isEqualTo(seeds.get(1)).isNotEqualTo(seeds.get(2));
    }

    @Test
    void unreadableRecordsGoToTheDeadLetterTopicAndTheStreamGoesOn() {
        // the driver forgets what a transaction sent outside of processing
        settings.put("processing.guarantee", "at_least_once");
        restart();
        rawPrompts.pipeInput(new TestRecord<>(
                bytes("key"), bytes("{\"id\": 1}"), new RecordHeaders().add("trace", bytes("1")), START));
        rawPrompts.pipeInput(bytes("key"), new byte[] {0, 0, 9, 9, 9, 1}); // unknown schema id
        rawPrompts.pipeInput(bytes("key"), new byte[] {0, 0, 0, 0, 1, 99, 99}); // not a body of that schema
        rawPrompts.pipeInput(new TestRecord<>(bytes("key"), null));
        prompts.pipeInput(bytes("k"), prompt("good"));
        engine.session().finishAll();
        tick();
        assertThat(completions.readValue().id()).isEqualTo("good");

        var dead = deadLetters.readRecordsToList();
        assertThat(dead).hasSize(4);
        assertThat(dead.getFirst().key()).isEqualTo(bytes("key"));
        assertThat(dead.getFirst().value()).isEqualTo(bytes("{\"id\": 1}"));
        assertThat(header(dead.getFirst(), "trace")).isEqualTo("1");
        assertThat(header(dead.getFirst(), BadRecordHandler.TOPIC_HEADER)).isEqualTo("llama.prompts");
        assertThat(header(dead.getFirst(), BadRecordHandler.PARTITION_HEADER)).isEqualTo("0");
        assertThat(header(dead.getFirst(), BadRecordHandler.OFFSET_HEADER)).isEqualTo("0");
        assertThat(dead)
                .extracting(record -> header(record, BadRecordHandler.MESSAGE_HEADER))
                .satisfiesExactly(
                        reason -> assertThat(reason).contains("magic byte: expected 0, found 123"),
                        reason -> assertThat(reason).contains("schema id 592137"),
                        reason -> assertThat(reason).contains("not a PromptRequest record"),
                        reason -> assertThat(reason).contains("without a value"));
        assertThat(dead.get(3).value()).isNull();
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void goodRecordsDoNotGoToTheDeadLetterTopicWhileTheRegistryIsDown() {
        driver.close();
        start(new SchemaRegistry() {
            @Override
            public int register(String subject, String schemaJson) {
                return registry.register(subject, schemaJson);
            }

            @Override
            public int lookUp(String subject, String schemaJson) {
                return registry.lookUp(subject, schemaJson);
            }

            @Override
            public String schemaById(int id) {
                throw new RegistryUnavailableException("no answer", null);
            }

            @Override
            public String schemaByGuid(UUID guid) {
                throw new RegistryUnavailableException("no answer", null);
            }

            @Override
            public void close() {}
        });
        assertThatThrownBy(() -> prompts.pipeInput(bytes("k"), prompt("a")))
                .isInstanceOf(StreamsException.class)
                .hasRootCauseInstanceOf(RegistryUnavailableException.class);
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void refusesRecordsThatAreTooLarge() {
        settings.put(TopologyConfig.MAX_PROMPT_BYTES, "1000");
        restart();
        prompts.pipeInput(bytes("k"), Prompt.ofText("large", "x".repeat(1000), GenerationOptions.DEFAULT));
        CompletionRecord completion = completions.readValue();
        assertThat(completion.status()).isEqualTo(Generation.Status.REJECTED);
        assertThat(completion.error()).contains("expected at most 1000 bytes, found 1");
    }

    @Test
    void failsPromptsWhoseAnswersNoRecordCanHold() {
        settings.put(TopologyConfig.MAX_ANSWER_BYTES, "1000");
        restart();
        prompts.pipeInput(bytes("k"), prompt("large"));
        prompts.pipeInput(bytes("k"), prompt("small"));
        engine.session().finishOldest("x".repeat(1000));
        engine.session().finishOldest("x".repeat(100));
        tick();
        List<CompletionRecord> all = completions.readValuesToList();
        assertThat(all)
                .extracting(CompletionRecord::status)
                .containsExactly(Generation.Status.FAILED, Generation.Status.SUCCEEDED);
        assertThat(all.getFirst().error()).startsWith("answer: expected at most 1000 bytes, found about 3");
        assertThat(all.getFirst().choices()).isEmpty();
        assertThat(all.getFirst().usage().completionTokens()).isEqualTo(2);
        assertThat(pendingKeys()).isEmpty();
    }

    @Test
    void ticksOnlyWhilePromptsArePending() {
        prompts.pipeInput(bytes("k"), prompt("a"));
        engine.session().finishAll();
        tick();
        assertThat(completions.readValuesToList()).hasSize(1);
        // nobody looks any more
        engine.session()
                .running
                .add(new Prompt(
                        "x", prompt("x").input(), GenerationOptions.DEFAULT, 0, Optional.empty(), "", "", Map.of()));
        engine.session().finishAll();
        driver.advanceWallClockTime(Duration.ofMinutes(1));
        assertThat(completions.isEmpty()).isTrue();
    }

    @Test
    void drainsWhileItWaitsWhenTooManyArePending() {
        settings.put(TopologyConfig.MAX_PENDING, "2");
        restart();
        engine.whileAwaited = () -> engine.session().finishOldest("text");
        for (String id : List.of("a", "b", "c")) {
            prompts.pipeInput(bytes("k"), prompt(id));
        }
        // no tick was needed to make room for c
        assertThat(completions.readValuesToList())
                .extracting(CompletionRecord::id)
                .containsExactly("a");
        assertThat(pendingKeys()).hasSize(2);
    }

    @Test
    void takesPromptsInNeverthelessWhenWaitingDidNotHelp() {
        settings.put(TopologyConfig.MAX_PENDING, "2");
        restart();
        engine.capacity = 1;
        for (String id : List.of("a", "b", "c", "d")) {
            prompts.pipeInput(bytes("k"), prompt(id));
        }
        assertThat(pendingKeys()).hasSize(4);
        assertThat(engine.time.nanoTime()).isEqualTo(Duration.ofMillis(200).toNanos());
        for (int i = 0; i < 4; i++) {
            engine.session().finishOldest("text");
            tick();
        }
        assertThat(completions.readValuesToList()).hasSize(4);
    }

    @Test
    void holdsIntakeUpAlsoWhenOthersFillTheEngine() {
        settings.put(TopologyConfig.MAX_PENDING, "1");
        restart();
        engine.capacity = 0;
        for (String id : List.of("a", "b", "c")) {
            prompts.pipeInput(bytes("k"), prompt(id));
        }
        // the tick's share of waiting is spent with the first that finds too many
        assertThat(engine.time.nanoTime()).isEqualTo(Duration.ofMillis(200).toNanos());
        tick();
        prompts.pipeInput(bytes("k"), prompt("d"));
        assertThat(engine.time.nanoTime()).isEqualTo(Duration.ofMillis(400).toNanos());
        assertThat(pendingKeys()).hasSize(4);
    }

    @Test
    void usageAddsUpByTenantModelAndWindow() {
        List<String> tenants = List.of("a", "b", "a");
        for (String tenant : tenants) {
            prompts.pipeInput(bytes("k"), ofTenant(tenant));
        }
        engine.session().finishAll();
        tick();
        engine.answer = prompt -> Optional.of(new Submission.Refused(Generation.rejected(prompt.id(), "no")));
        prompts.pipeInput(bytes("k"), ofTenant("a"));
        engine.answer = prompt -> Optional.empty();
        driver.advanceWallClockTime(Duration.ofMinutes(1));
        prompts.pipeInput(bytes("k"), ofTenant("a"));
        engine.session().finishAll();
        tick();

        Map<UsageKey, UsageRecord> last = usage.readKeyValuesToMap();
        Instant second = START.plusSeconds(60);
        UsageKey first = new UsageKey("a", "fake-model", START);
        assertThat(last)
                .containsOnlyKeys(
                        first, new UsageKey("b", "fake-model", START), new UsageKey("a", "fake-model", second));
        assertThat(last.get(first))
                .isEqualTo(new UsageRecord(
                        "a", "fake-model", START, second, new UsageRecord.Totals(2, 1, 0, 0, 0, 6, 2, 4)));
        assertThat(last.get(first).totals().requests()).isEqualTo(3);
    }

    private static Prompt ofTenant(String tenant) {
        return new Prompt(
                "id", prompt("x").input(), GenerationOptions.DEFAULT, 0, Optional.empty(), tenant, "", Map.of());
    }

    @Test
    void promptsWithNothingToContinueAreRejected() {
        String nothing = "{\"type\":\"record\",\"name\":\"PromptRequest\",\"namespace\":\"io.llamastreams.schema\","
                + "\"fields\":[{\"name\":\"id\",\"type\":\"string\"}]}";
        int id = registry.register("nothing-value", nothing);
        rawPrompts.pipeInput(bytes("k"), new byte[] {0, 0, 0, 0, (byte) id, 2, 'i'});
        CompletionRecord completion = completions.readValue();
        assertThat(completion.id()).isEqualTo("i");
        assertThat(completion.status()).isEqualTo(Generation.Status.REJECTED);
        assertThat(completion.error()).contains("found none");
    }

    @Test
    void sessionsAreClosedWithTheirTask() {
        prompts.pipeInput(bytes("k"), prompt("a"));
        driver.close();
        assertThat(engine.session().closed).isTrue();
        assertThat(counters.counts().pending()).isZero();
    }
}
