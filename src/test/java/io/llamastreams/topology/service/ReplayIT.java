package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.model.load.TinyModel;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.DifferenceRecord;
import io.llamastreams.topology.serde.RecordMappings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Prompts that were answered, answered again by another application with another model. */
@Timeout(180)
class ReplayIT {
    private static final int PROMPTS = 60;
    private static final String AGAIN = "llama.completions.q4";

    @TempDir
    private Path folder;

    @Test
    void anotherModelAnswersTheSamePromptsAndEachDifferenceIsToldOnce() {
        List<Prompt> prompts = IntStream.range(0, PROMPTS)
                .mapToObj(i -> Prompt.ofText(
                        "id-" + i,
                        "Once upon a time there was number " + i,
                        GenerationOptions.DEFAULT.withMaxNewTokens(16)))
                .toList();
        try (TestCluster cluster = new TestCluster("mock://replay")) {
            cluster.send(prompts);
            Map<String, CompletionRecord> before;
            Map<String, CompletionRecord> now;
            List<DifferenceRecord> differences;
            try (LlamaService first = open(cluster, "f32", "first", Map.of())) {
                first.start();
                before = byId(cluster.completions(PROMPTS));
            }
            Map<String, String> again = Map.of(
                    "application.id", "llama-replay",
                    "llama.topic.completions", AGAIN,
                    "llama.topic.statistics", "llama.token-statistics.q4",
                    "llama.topic.usage", "llama.token-usage.q4",
                    "llama.replay.of", "llama.completions");
            try (LlamaService second = open(cluster, "q4_0", "second", again)) {
                second.start();
                differences = values(cluster.read(
                        "llama.differences",
                        cluster.configured(RecordMappings.DIFFERENCE),
                        PROMPTS,
                        Duration.ofSeconds(90)));
                now = byId(values(cluster.readAll(AGAIN, cluster.configured(RecordMappings.COMPLETION))));
            }
            assertThat(differences).hasSize(PROMPTS);
            assertThat(differences.stream().map(DifferenceRecord::origin).distinct())
                    .hasSize(PROMPTS);
            assertThat(differences)
                    .anySatisfy(found -> assertThat(found.equal()).isFalse());
            for (DifferenceRecord found : differences) {
                assertThat(found).isEqualTo(DifferenceRecord.of(before.get(found.id()), now.get(found.id())));
                assertThat(found.before().modelDigest())
                        .isNotEqualTo(found.now().modelDigest());
            }
        }
    }

    private LlamaService open(TestCluster cluster, String model, String name, Map<String, String> more) {
        Map<String, String> config = new HashMap<>(more);
        config.put("llama.model", TinyModel.file(model).toString());
        config.put("state.dir", folder.resolve(name).toString());
        return LlamaService.open(cluster.config(config), TestCluster.TIME);
    }

    private static <V> List<V> values(List<ConsumerRecord<byte[], V>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }

    private static Map<String, CompletionRecord> byId(List<CompletionRecord> completions) {
        return completions.stream().collect(Collectors.toMap(CompletionRecord::id, Function.identity()));
    }
}
