package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.llamastreams.model.load.TinyModel;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.Origin;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What bringing like beginnings together saves, on two instances whose pools hold some of the beginnings only. */
@Timeout(300)
class PrefixAffinityIT {
    private static final int BEGINNINGS = 24;
    private static final int PROMPTS = 720;

    /** About 150 tokens, of which the first ones differ already. */
    private static final String LONG =
            " who liked to play in the park with a big red ball. One day, the sun was warm and the"
                    + " sky was blue, and all the birds were singing in the tall green trees. Mom said, be home before it is dark."
                    + " So off we went, over the hill and down to the river, where";

    @TempDir
    private Path folder;

    @Test
    void likeBeginningsAreComputedOnceOnlyAndTextsStayTheSame() {
        double without = cachedShare("off");
        double with = cachedShare("tokens");
        System.out.printf("cached share of prompt tokens: without affinity %.3f, with %.3f%n", without, with);
        assertThat(with).isGreaterThan(without + 0.1);
    }

    private double cachedShare(String mode) {
        Path model = TinyModel.f32();
        try (TestCluster cluster = new TestCluster("mock://affinity-" + mode);
                LlamaService first = open(cluster, model, mode, "first");
                LlamaService second = open(cluster, model, mode, "second")) {
            first.start();
            second.start();
            List.of(first, second)
                    .forEach(service -> await().atMost(Duration.ofSeconds(60))
                            .until(() -> service.state() == KafkaStreams.State.RUNNING));
            cluster.send(prompts());
            List<CompletionRecord> completions = cluster.completions(PROMPTS);
            assertEachOnceFromItsOwnPlace(completions);
            assertThat(first.counts().received()).as("both take part").isPositive();
            assertThat(second.counts().received()).as("both take part").isPositive();
            long cached = completions.stream()
                    .mapToLong(c -> c.usage().cachedTokens())
                    .sum();
            long all = completions.stream()
                    .mapToLong(c -> c.usage().promptTokens())
                    .sum();
            return (double) cached / all;
        }
    }

    private LlamaService open(TestCluster cluster, Path model, String mode, String name) {
        return LlamaService.open(
                cluster.config(Map.of(
                        "llama.model",
                        model.toString(),
                        "llama.prefix.affinity",
                        mode,
                        "llama.prefix.affinity.tokens",
                        "24",
                        "llama.max.batch",
                        "4",
                        "llama.kv.cache.bytes",
                        "2500000",
                        "state.dir",
                        folder.resolve(mode + name).toString())),
                TestCluster.TIME);
    }

    private static List<Prompt> prompts() {
        GenerationOptions options = GenerationOptions.DEFAULT.withMaxNewTokens(4);
        return IntStream.range(0, PROMPTS)
                .mapToObj(i -> Prompt.ofText(
                        "id-" + i,
                        "Story " + (char) ('A' + beginning(i)) + " of a child" + LONG + " number " + i,
                        options))
                .toList();
    }

    /** By chance, so that it has nothing to do with the partition. */
    private static int beginning(int prompt) {
        return (int) ((prompt * 2_654_435_761L >>> 16) % BEGINNINGS);
    }

    private static void assertEachOnceFromItsOwnPlace(List<CompletionRecord> completions) {
        assertThat(completions).hasSize(PROMPTS);
        assertThat(completions).extracting(CompletionRecord::status).containsOnly(Generation.Status.SUCCEEDED);
        Set<Origin> origins = new HashSet<>();
        for (CompletionRecord completion : completions) {
            int i = Integer.parseInt(completion.id().substring("id-".length()));
            Origin origin = completion.lineage().origin();
            assertThat(origin.topic()).isEqualTo("llama.prompts");
            assertThat(origin.partition()).as(completion.id()).isEqualTo(i % TestCluster.PARTITIONS);
            assertThat(origin.offset()).as(completion.id()).isEqualTo(i / TestCluster.PARTITIONS);
            origins.add(origin);
        }
        assertThat(origins).hasSize(PROMPTS);
    }
}
