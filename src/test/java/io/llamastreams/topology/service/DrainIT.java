package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.llamastreams.model.load.TinyModel;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.stats.Counter;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.PromptCounts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker that stops in order, and the one after it; a real broker and a real model. */
@Timeout(240)
class DrainIT {
    private static final int TOKENS = 400;

    @TempDir
    private Path folder;

    private Path model;
    private TestCluster cluster;

    @BeforeEach
    void startCluster() {
        model = TinyModel.f32();
        cluster = new TestCluster("mock://drain");
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private LlamaService start(String name, Map<String, String> more) {
        Map<String, String> config = new HashMap<>(Map.of(
                "state.dir", folder.resolve(name).toString(),
                "llama.model", model.toString(),
                "llama.prefix.cache", "false",
                // only a stop in order stores texts
                "llama.resume.tokens", "100000",
                "llama.resume.ms", "10000000"));
        config.putAll(more);
        LlamaService service = LlamaService.open(cluster.config(config), TestCluster.TIME);
        service.start();
        await().atMost(Duration.ofSeconds(60)).until(() -> service.state() == KafkaStreams.State.RUNNING);
        return service;
    }

    private static List<Prompt> prompts(int count) {
        GenerationOptions options = GenerationOptions.DEFAULT.withEnding(
                EndingOptions.DEFAULT.withMaxNewTokens(TOKENS).ignoringEos());
        return IntStream.range(0, count)
                .mapToObj(i -> Prompt.ofText("id-" + i, "Once upon a time", options))
                .toList();
    }

    private static long made(LlamaService service) {
        return service.engine().status().completionTokens();
    }

    @Test
    void theNextWorkerGoesOnWithEachTextAndMakesNoTokenAgain() {
        int count = 60;
        LlamaService first = start("first", Map.of());
        cluster.send(prompts(count));
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(() -> made(first) > 3_000);
        assertThat(first.drain(Duration.ofMillis(20))).isTrue();
        long firstMade = made(first);
        PromptCounts counts = first.counts();
        assertThat(first.close(Duration.ofSeconds(30))).isTrue();
        assertThat(counts.pending()).as("some were in the middle").isPositive();

        LlamaService second = start("second", Map.of());
        List<CompletionRecord> completions = cluster.completions(count);
        long secondMade = made(second);
        second.close();
        assertThat(completions).extracting(CompletionRecord::id).hasSize(count).doesNotHaveDuplicates();
        assertThat(completions).extracting(CompletionRecord::status).containsOnly(Generation.Status.SUCCEEDED);
        assertThat(completions)
                .extracting(end -> end.choices().getFirst().tokenIds())
                .as("the same prompt, so the same tokens")
                .containsOnly(completions.getFirst().choices().getFirst().tokenIds());
        assertThat(firstMade).isLessThan((long) count * TOKENS);
        assertThat(firstMade + secondMade).as("tokens made by both").isEqualTo((long) count * TOKENS);
    }

    @Test
    void whatRunsMayEndWhileNothingNewBegins() {
        LlamaService service = start("first", Map.of("llama.max.queued.requests", "4"));
        cluster.send(prompts(40));
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(() -> made(service) > 100);
        assertThat(service.drain(Duration.ofSeconds(30))).isTrue();
        assertThat(made(service) % TOKENS).as("whole texts only").isZero();
        assertThat(service.close(Duration.ofSeconds(30))).isTrue();
        assertThat(cluster.completions(1)).hasSize((int) (made(service) / TOKENS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void theGroupSaysWhichRunsAreGone(String protocol) {
        Map<String, String> settings = Map.of("group.protocol", protocol);
        LlamaService first = start("first", settings);
        LlamaService second = start("second", settings);
        String client =
                first.streams().metadataForLocalThreads().iterator().next().threadName();
        String firstRun = client.replaceFirst("-StreamThread-.*", "") + "|1|0";
        TopologyConfig config = cluster.config(Map.of());
        Counter failures = new Counter();
        GroupPeers peers = new GroupPeers(config.adminConfig(), "llama-streams", "me", 5, failures, System::nanoTime);
        assertThat(peers.isGone(firstRun)).isFalse();
        assertThat(peers.isGone("somebody|1|0")).isTrue();
        first.close();
        await().atMost(Duration.ofSeconds(30)).until(() -> peers.isGone(firstRun));
        second.close();

        String before = peers.run();
        assertThat(peers.isGone(before)).isFalse();
        failures.increment();
        assertThat(peers.isGone(before)).as("its thread has failed").isTrue();
        assertThat(peers.isGone("me|4|0")).as("the process before").isTrue();
    }
}
