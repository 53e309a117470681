package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.broker.EmbeddedBroker;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.service.Worker;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.topology.config.TopologyConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A batch is cancelled that two workers are busy with. */
@Timeout(240)
class CancelIT {

    private static final String REGISTRY = "mock://cancel";
    private static final int UNWANTED = 400;
    private static final int WANTED = 12;

    @TempDir
    private Path folder;

    private EmbeddedBroker broker;

    @BeforeEach
    void startBroker() {
        broker = EmbeddedBroker.startTemporary();
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Test
    void everyPromptOfTheBatchEndsOnceOnBothWorkersAndTheOthersAreAnswered() throws Exception {
        Path model = TinyModel.f32();
        try (Worker first = worker("first", model);
                Worker second = worker("second", model)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> first.isRunning() && second.isRunning());
            succeeds("submit", prompts("prompts", "unwanted", UNWANTED, 400));
            succeeds("submit", prompts("wanted", "wanted", WANTED, 5));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> first.engine().status().running() > 0
                            && second.engine().status().running() > 0);

            CapturedConsole console = succeeds("cancel", "--batch", "unwanted", "--reason", "spoilt");
            assertThat(console.err()).containsPattern("cancelled [1-9][0-9]* prompts");
            succeeds("submit", prompts("late", "unwanted", 3, 400));

            int all = UNWANTED + WANTED + 3;
            Path out = folder.resolve("out.jsonl");
            succeeds("collect", "--count", "" + all, "--out", out.toString());
            succeeds("collect", "--timeout", "2s", "--out", out.toString());
            Map<String, String> ends = new HashMap<>();
            int withText = 0;
            for (String line : Files.readAllLines(out)) {
                JsonNode completion = Json.read(line);
                String status = completion.get("status").asText();
                assertThat(ends.put(completion.get("id").asText(), status))
                        .as("twice: " + line)
                        .isNull();
                if (status.equals("CANCELLED")) {
                    assertThat(completion.get("error").asText()).endsWith(": spoilt");
                    withText += completion.get("ids").isEmpty() ? 0 : 1;
                }
            }
            assertThat(ends).hasSize(all);
            assertThat(ends.entrySet())
                    .filteredOn(end -> end.getKey().startsWith("wanted"))
                    .allMatch(end -> end.getValue().equals("SUCCEEDED"));
            assertThat(ends.entrySet())
                    .filteredOn(end -> end.getKey().startsWith("late"))
                    .allMatch(end -> end.getValue().equals("CANCELLED"));
            assertThat(ends.values().stream().filter("CANCELLED"::equals).count())
                    .isGreaterThan(UNWANTED / 2);
            assertThat(withText).as("those that ran have some text").isPositive();
        }
    }

    @Test
    void saysWhenNobodyHasAcknowledged() throws Exception {
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(line("cancel", "--id", "a", "--timeout", "1s"))).isEqualTo(1);
        assertThat(console.err()).contains("expected all 6 partitions to acknowledge within 1s, found 0");
        assertThat(new CapturedConsole().run(line("cancel"))).isEqualTo(2);
    }

    private Worker worker(String name, Path model) throws InterruptedException {
        return Worker.start(TopologyConfig.of(Map.of(
                "bootstrap.servers",
                broker.bootstrap(),
                "schema.registry.url",
                REGISTRY,
                "state.dir",
                folder.resolve(name).toString(),
                "llama.model",
                model.toString(),
                "llama.threads",
                "1",
                "llama.kv.cache.bytes",
                "8000000",
                "llama.max.batch",
                "2",
                "llama.max.queued.requests",
                "4")));
    }

    private String prompts(String name, String batch, int count, int tokens) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add("{\"id\":\"" + name + i + "\",\"prompt\":\"Once upon a time\",\"ignore_eos\":true,\"batch_id\":\""
                    + batch + "\",\"max_new_tokens\":" + tokens + "}");
        }
        return Files.write(folder.resolve(name + ".jsonl"), lines).toString();
    }

    private List<String> line(String command, String... options) {
        return Stream.concat(
                        Stream.of(command),
                        Stream.concat(
                                Stream.of(options),
                                Stream.of("--bootstrap", broker.bootstrap(), "--registry", REGISTRY)))
                .toList();
    }

    private CapturedConsole succeeds(String command, String... options) {
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(line(command, options))).as(console.err()).isZero();
        return console;
    }
}
