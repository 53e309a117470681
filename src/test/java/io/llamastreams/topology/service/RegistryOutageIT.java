package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.llamastreams.model.load.TinyModel;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.topology.config.TimeSource;
import io.llamastreams.topology.record.CompletionRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry that is away for some time, while records come whose schema the service has not seen yet. */
@Timeout(180)
class RegistryOutageIT {
    private static final String OLDER_SCHEMA =
            "{\"type\":\"record\",\"name\":\"PromptRequest\",\"namespace\":\"io.llamastreams.schema\",\"fields\":["
                    + "{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"prompt\",\"type\":\"string\"},"
                    + "{\"name\":\"maxNewTokens\",\"type\":\"int\"}]}";

    @TempDir
    private Path folder;

    @Test
    void goodRecordsWaitForTheRegistryAndAreServed() throws Exception {
        Path model = TinyModel.f32();
        try (FakeRegistryServer registry = new FakeRegistryServer();
                TestCluster cluster = new TestCluster(registry.url());
                LlamaService service = LlamaService.open(
                        cluster.config(Map.of("state.dir", folder.toString(), "llama.model", model.toString())),
                        TestCluster.TIME)) {
            service.start();
            cluster.send(List.of(Prompt.ofText("before", "Once", GenerationOptions.DEFAULT.withMaxNewTokens(3))));
            assertThat(cluster.completions(1)).hasSize(1);

            int id = registry.idOf(OLDER_SCHEMA);
            registry.setDown(true);
            byte[] body = "\u000cduring\u0008Once\u0006".getBytes(StandardCharsets.UTF_8);
            byte[] record = new byte[5 + body.length];
            record[4] = (byte) id;
            System.arraycopy(body, 0, record, 5, body.length);
            cluster.sendRaw(0, null, record);
            // more than one thread's worth of patience
            await().atMost(Duration.ofSeconds(60)).until(() -> registry.failedRequests.get() >= 6);
            assertThat(service.failure()).isEmpty();
            registry.setDown(false);

            List<CompletionRecord> completions = cluster.completions(2);
            assertThat(completions).extracting(CompletionRecord::id).containsExactlyInAnyOrder("before", "during");
            assertThat(completions).extracting(CompletionRecord::status).containsOnly(Generation.Status.SUCCEEDED);
            assertThat(cluster.readAll("llama.prompts.dead-letter", new ByteArrayDeserializer()))
                    .isEmpty();
            await().atMost(Duration.ofSeconds(60)).until(() -> service.state() == KafkaStreams.State.RUNNING);
        }
    }

    @Test
    void theServiceWaitsForARegistryThatStartsLater() throws Exception {
        Path model = TinyModel.f32();
        try (FakeRegistryServer registry = new FakeRegistryServer();
                TestCluster cluster = new TestCluster("mock://registry-outage")) {
            registry.setDown(true);
            TimeSource startsRegistry = new TimeSource() {
                @Override
                public long nanoTime() {
                    return System.nanoTime();
                }

                @Override
                public Instant instant() {
                    return Instant.now();
                }

                @Override
                public void await(Duration time) {
                    registry.setDown(false);
                }
            };
            Map<String, String> settings = Map.of(
                    "state.dir", folder.toString(),
                    "llama.model", model.toString(),
                    "schema.registry.url", registry.url());
            LlamaService.open(cluster.config(settings), startsRegistry).close();
            assertThat(registry.failedRequests.get()).isPositive();
        }
    }
}
