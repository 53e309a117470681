package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.session.ComputeSettings;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.KvCacheSettings;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.serving.session.TextSession;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.serde.RecordMappings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service with a real broker and a real model, its own engine in each instance. */
@Timeout(300)
class LlamaServiceIT {
    private static final EngineSettings SMALL = new EngineSettings(
            new ComputeSettings(1, KernelChoice.AUTO, WeightStorage.PACKED),
            new KvCacheSettings(8_000_000, KvType.F32, true),
            new EngineLimits(32, 512, 1024, 1L << 20));

    @TempDir
    private Path folder;

    private final List<LlamaService> services = new ArrayList<>();
    private Path model;
    private TestCluster cluster;

    @BeforeEach
    void startCluster() {
        model = TinyModel.f32();
        cluster = new TestCluster("mock://llama-service");
    }

    @AfterEach
    void stop() {
        services.forEach(LlamaService::close);
        if (cluster != null) {
            cluster.close();
        }
    }

    private LlamaService start(String stateDir, Map<String, String> more) {
        Map<String, String> config = new HashMap<>(more);
        config.put("state.dir", folder.resolve(stateDir).toString());
        config.put("llama.model", model.toString());
        LlamaService service = LlamaService.open(cluster.config(config), TestCluster.TIME);
        services.add(service);
        service.start();
        return service;
    }

    private static void awaitRunning(LlamaService... all) {
        for (LlamaService service : all) {
            await().atMost(Duration.ofSeconds(60)).until(() -> service.state() == KafkaStreams.State.RUNNING);
        }
    }

    private static List<Prompt> prompts(int count, int maxNewTokens) {
        List<String> beginnings =
                List.of("Once upon a time", "The little dog", "Lily and Tom", "One day, a big bear", "");
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    GenerationOptions options = GenerationOptions.DEFAULT
                            .withMaxNewTokens(maxNewTokens)
                            .withSampling(new SamplingOptions(i % 2 == 0 ? 0 : 0.8, 0, 0.95, 0, Optional.empty()))
                            .withLogprobs(0);
                    Prompt text = Prompt.ofText("id-" + i, beginnings.get(i % beginnings.size()), options);
                    return new Prompt(
                            text.id(),
                            text.input(),
                            options,
                            0,
                            Optional.empty(),
                            "tenant-" + i % 3,
                            "batch",
                            Map.of());
                })
                .toList();
    }

    /** What an engine gives for each prompt when nothing disturbs it. */
    private Map<String, Generation> reference(List<Prompt> prompts) {
        Map<String, Generation> ends = new HashMap<>();
        try (TextEngine engine = TextEngine.open(model, SMALL, System::nanoTime);
                TextSession session = engine.openSession(InstantSource.system())) {
            for (Prompt prompt : prompts) {
                assertThat(session.submit(prompt)).isInstanceOf(Submission.Accepted.class);
                while (session.inFlight() > 0) {
                    session.await(Duration.ofSeconds(1));
                    session.poll(end -> ends.put(end.id(), end), 1000);
                }
            }
        }
        return ends;
    }

    private static void assertSameTexts(List<CompletionRecord> completions, Map<String, Generation> reference) {
        for (CompletionRecord completion : completions) {
            Generation expected = reference.get(completion.id());
            Choice choice = completion.choices().getFirst();
            assertThat(choice.tokenIds()).as(completion.id()).isEqualTo(expected.tokenIds());
            assertThat(choice.logprobs()).as(completion.id()).isEqualTo(expected.logprobs());
            assertThat(choice.text()).as(completion.id()).isEqualTo(expected.text());
            assertThat(completion.lineage().seed()).isEqualTo(expected.seed());
        }
    }

    private static void assertEachOnce(List<CompletionRecord> completions, List<Prompt> prompts) {
        assertThat(completions)
                .extracting(CompletionRecord::id)
                .containsExactlyInAnyOrderElementsOf(
                        prompts.stream().map(Prompt::id).toList());
        assertThat(completions).extracting(CompletionRecord::status).containsOnly(Generation.Status.SUCCEEDED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void twoInstancesAnswerFiveHundredPromptsOnceEachAndTheNumbersAddUp(String groupProtocol) {
        Map<String, String> protocol = Map.of("group.protocol", groupProtocol);
        LlamaService first = start("first", protocol);
        LlamaService second = start("second", protocol);
        awaitRunning(first, second);
        List<Prompt> prompts = prompts(500, 24);
        cluster.send(prompts);
        cluster.completions(500);
        assertThat(first.close(Duration.ofSeconds(30))).isTrue();
        assertThat(second.close(Duration.ofSeconds(30))).isTrue();

        List<CompletionRecord> completions = cluster.completions(500);
        assertEachOnce(completions, prompts);
        assertThat(first.counts().received()).isPositive();
        assertThat(second.counts().received()).isPositive();
        assertThat(first.counts().received() + second.counts().received()).isGreaterThanOrEqualTo(500);
        assertThat(first.counts().pending() + second.counts().pending()).isZero();

        Map<String, CompletionRecord> byId =
                completions.stream().collect(Collectors.toMap(CompletionRecord::id, Function.identity()));
        var statistics = cluster.readAll("llama.token-statistics", cluster.configured(RecordMappings.STATISTICS));
        assertThat(statistics).hasSize(500);
        for (var record : statistics) {
            assertThat(record.value().usage())
                    .isEqualTo(byId.get(record.value().id()).usage());
            assertThat(new String(record.key(), StandardCharsets.UTF_8))
                    .isEqualTo(record.value().id());
        }
        for (CompletionRecord completion : completions) {
            assertThat(completion.usage().completionTokens())
                    .isEqualTo(completion.choices().getFirst().tokenIds().size());
        }
        assertUsageAddsUp(completions, protocol);
    }

    /** Totals per tenant may still be on their way when the instances close: another one finishes them. */
    private void assertUsageAddsUp(List<CompletionRecord> completions, Map<String, String> protocol) {
        LlamaService third = start("third", protocol);
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            Map<String, UsageRecord> last = new HashMap<>();
            for (var record : cluster.readAll("llama.token-usage", cluster.configured(RecordMappings.USAGE))) {
                last.put(
                        record.value().tenant()
                                + record.value().model()
                                + record.value().windowStart(),
                        record.value());
            }
            Map<String, List<Long>> found = new TreeMap<>();
            last.values()
                    .forEach(usage -> found.merge(
                            usage.tenant(),
                            List.of(
                                    usage.totals().requests(),
                                    usage.totals().promptTokens(),
                                    usage.totals().cachedTokens(),
                                    usage.totals().completionTokens()),
                            LlamaServiceIT::plus));
            Map<String, List<Long>> expected = new TreeMap<>();
            completions.forEach(completion -> expected.merge(
                    completion.tenant(),
                    List.of(
                            1L,
                            (long) completion.usage().promptTokens(),
                            (long) completion.usage().cachedTokens(),
                            (long) completion.usage().completionTokens()),
                    LlamaServiceIT::plus));
            assertThat(found).isEqualTo(expected);
        });
        third.close();
    }

    private static List<Long> plus(List<Long> a, List<Long> b) {
        return IntStream.range(0, a.size()).mapToObj(i -> a.get(i) + b.get(i)).toList();
    }

    @Test
    void anInstanceThatIsClosedInTheMiddleAndStartedAgainLosesAndRepeatsNothing() throws IOException {
        // slow on purpose: one request at a time, and most prompts wait in the store
        Map<String, String> slow = Map.of("llama.max.batch", "1", "llama.max.queued.requests", "4");
        List<Prompt> prompts = prompts(240, 200);
        Map<String, Generation> reference = reference(prompts);
        cluster.send(prompts);

        LlamaService first = start("state", slow);
        await().atMost(Duration.ofSeconds(60)).until(() -> first.counts().ended() >= 20);
        assertThat(first.close(Duration.ofSeconds(30))).isTrue();
        assertThat(first.counts().ended()).isLessThan(240);

        LlamaService second = start("state", slow);
        await().atMost(Duration.ofSeconds(60)).until(() -> second.counts().ended() >= 20);
        assertThat(second.counts().resubmitted()).isPositive();
        assertThat(second.close(Duration.ofSeconds(30))).isTrue();
        assertThat(first.counts().ended() + second.counts().ended()).isLessThan(240);

        delete(folder.resolve("state"));
        LlamaService third = start("state", Map.of());
        List<CompletionRecord> completions = cluster.completions(240);
        assertThat(third.counts().resubmitted()).isPositive();
        assertThat(third.close(Duration.ofSeconds(30))).isTrue();

        assertThat(cluster.completions(240)).hasSize(240);
        assertEachOnce(completions, prompts);
        assertSameTexts(completions, reference);
    }

    /** Nothing may be there: in-memory stores leave no files. */
    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void everyStrangeRecordEndsWhereItShouldAndTheNextPromptIsServed() {
        start("state", Map.of());
        byte[] key = "key".getBytes(StandardCharsets.UTF_8);
        cluster.sendRaw(0, key, "{\"id\":\"json\"}".getBytes(StandardCharsets.UTF_8));
        cluster.sendRaw(0, key, new byte[0]);
        cluster.sendRaw(0, key, null);
        cluster.sendRaw(0, key, new byte[] {0, 1, 2, 3, 4, 5});
        cluster.sendRaw(0, null, new byte[] {0, 0, 0, 0, 1, 10, 'i'});
        byte[] large = new byte[1_040_000];
        large[0] = 1;
        cluster.sendRaw(0, key, large);
        List<Prompt> strange = List.of(
                Prompt.ofText("empty", "", GenerationOptions.DEFAULT.withMaxNewTokens(5)),
                Prompt.ofText("long", "Once upon a time. ".repeat(1000), GenerationOptions.DEFAULT),
                Prompt.ofText("huge", "Once upon a time. ".repeat(30_000), GenerationOptions.DEFAULT),
                Prompt.ofText("none", "Once", GenerationOptions.DEFAULT.withMaxNewTokens(0)),
                Prompt.ofText("billion", "Once", GenerationOptions.DEFAULT.withMaxNewTokens(1_000_000_000)),
                Prompt.ofText("", "Once", GenerationOptions.DEFAULT),
                Prompt.ofTokens("ids", List.of(1, 999_999), GenerationOptions.DEFAULT),
                Prompt.ofText("nan", "Once", withTemperature(Double.NaN)),
                Prompt.ofText("next", "Once", GenerationOptions.DEFAULT.withMaxNewTokens(5)));
        for (Prompt prompt : strange) {
            cluster.send(List.of(prompt)); // all on one partition, in this order
        }
        cluster.completions(strange.size());
        services.getFirst().close();

        Map<String, CompletionRecord> ends = cluster.completions(strange.size()).stream()
                .collect(Collectors.toMap(CompletionRecord::id, Function.identity()));
        assertThat(ends).hasSize(strange.size());
        succeeded(ends.get("empty"), 5);
        rejected(ends.get("long"), "prompt: expected at most 511 tokens, found");
        rejected(ends.get("huge"), "prompt record: expected at most 524288 bytes, found");
        rejected(ends.get("none"), "max_new_tokens: expected at least 1, found 0");
        CompletionRecord billion = ends.get("billion");
        assertThat(billion.status()).isEqualTo(Generation.Status.SUCCEEDED);
        assertThat(billion.usage().promptTokens() + billion.usage().completionTokens())
                .isLessThanOrEqualTo(512);
        rejected(ends.get(""), "id: expected text, found none");
        rejected(ends.get("ids"), "prompt_ids[1]: expected a token id");
        rejected(ends.get("nan"), "temperature: expected a number");
        succeeded(ends.get("next"), 5);

        var dead = cluster.readAll("llama.prompts.dead-letter", new ByteArrayDeserializer());
        assertThat(dead).hasSize(6);
        assertThat(dead)
                .extracting(LlamaServiceIT::reason)
                .satisfiesExactlyInAnyOrder(
                        reason -> assertThat(reason).isEqualTo("magic byte: expected 0, found 123"),
                        reason -> assertThat(reason).contains("found a record of 0 bytes"),
                        reason -> assertThat(reason).contains("found a record without a value"),
                        reason -> assertThat(reason).contains("schema id 16909060"),
                        reason -> assertThat(reason).contains("not a PromptRequest record"),
                        reason -> assertThat(reason).isEqualTo("magic byte: expected 0, found 1"));
        assertThat(dead).anySatisfy(record -> assertThat(record.value()).isEqualTo(large));
    }

    private static GenerationOptions withTemperature(double temperature) {
        return GenerationOptions.DEFAULT
                .withMaxNewTokens(5)
                .withSampling(new SamplingOptions(temperature, 0, 1, 0, Optional.empty()));
    }

    private static void succeeded(CompletionRecord completion, int tokens) {
        assertThat(completion.status()).isEqualTo(Generation.Status.SUCCEEDED);
        assertThat(completion.choices().getFirst().tokenIds()).hasSize(tokens);
    }

    private static void rejected(CompletionRecord completion, String reason) {
        assertThat(completion.status()).isEqualTo(Generation.Status.REJECTED);
        assertThat(completion.error()).startsWith(reason);
    }

    private static String reason(ConsumerRecord<byte[], byte[]> record) {
        return new String(
                record.headers().lastHeader(BadRecordHandler.MESSAGE_HEADER).value(), StandardCharsets.UTF_8);
    }

    @Test
    void anInstanceWhoseEngineEndedLeavesAndAnotherGoesOn() {
        TextEngine engine = TextEngine.open(model, SMALL, System::nanoTime);
        LlamaService first = LlamaService.open(
                cluster.config(Map.of("state.dir", folder.resolve("a").toString())), engine, TestCluster.TIME);
        services.add(first);
        first.start();
        awaitRunning(first);
        engine.close();
        List<Prompt> prompts = prompts(20, 5);
        cluster.send(prompts);
        await().atMost(Duration.ofSeconds(60)).until(() -> first.failure().isPresent());
        await().atMost(Duration.ofSeconds(60)).until(() -> first.state() == KafkaStreams.State.ERROR);
        assertThat(first.failure().orElseThrow()).contains("the engine has ended");
        first.close();

        start("b", Map.of());
        List<CompletionRecord> completions = cluster.completions(20);
        assertEachOnce(completions, prompts);
        assertThat(cluster.readAll("llama.prompts.dead-letter", new ByteArrayDeserializer()))
                .isEmpty();
    }
}
