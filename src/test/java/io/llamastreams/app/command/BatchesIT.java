package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.broker.EmbeddedBroker;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.service.Worker;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.topology.config.TopologyConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches from {@code submit} to {@code collect}, with two workers and their HTTP endpoints. */
@Timeout(300)
class BatchesIT {
    private static final String REGISTRY = "mock://batches-it";
    private static final String TOKEN = "only-for-us";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Worker> workers = new ArrayList<>();
    private EmbeddedBroker broker;

    @BeforeEach
    void startBroker() {
        broker = EmbeddedBroker.startTemporary();
    }

    @AfterEach
    void stop() {
        workers.forEach(Worker::close);
        broker.close();
        client.close();
    }

    private Worker start(String name, Map<String, String> more) throws InterruptedException {
        Map<String, String> config = new HashMap<>(more);
        config.put("bootstrap.servers", broker.bootstrap());
        config.put("schema.registry.url", REGISTRY);
        config.put("state.dir", folder.resolve(name).toString());
        config.put("llama.model", TinyModel.f32().toString());
        config.put("llama.threads", "1");
        config.put("llama.kv.cache.bytes", "8000000");
        config.put("llama.http.listen", "127.0.0.1:0");
        config.put("llama.http.token", TOKEN);
        Worker worker = Worker.start(TopologyConfig.of(config));
        workers.add(worker);
        return worker;
    }

    private JsonNode get(Worker worker, String path) throws Exception {
        InetSocketAddress address = worker.httpAddress().orElseThrow();
        String body = client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
                                .header("Authorization", "Bearer " + TOKEN)
                                .build(),
                        BodyHandlers.ofString())
                .body();
        return path.equals("/metrics") ? Json.object().put("text", body) : Json.read(body);
    }

    private Path write(String name, int count, String more) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add("{\"id\":\"" + name + i + "\",\"prompt\":\"Once upon a time " + i + "\",\"max_new_tokens\":10"
                    + more + "}");
        }
        return Files.write(folder.resolve(name + ".jsonl"), lines);
    }

    private int run(CapturedConsole console, String... arguments) {
        return console.run(Stream.concat(
                        Stream.of(arguments), Stream.of("--bootstrap", broker.bootstrap(), "--registry", REGISTRY))
                .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void aBatchIsFollowedFromItsSubmissionToItsLastCompletion(String protocol) throws Exception {
        Map<String, String> group = Map.of("group.protocol", protocol);
        Worker first = start("first", group);
        Worker second = start("second", group);
        for (Worker worker : workers) {
            await().atMost(PATIENCE)
                    .until(() -> get(worker, "/health/ready").get("ready").asBoolean());
        }
        // others come between, one line is no prompt and one is refused
        Path others = write("other", 40, ",\"batch_id\":\"unannounced\"");
        assertThat(run(new CapturedConsole(), "submit", others.toString())).isZero();
        Path night = write("night", 60, ",\"batch_id\":\"overruled\"");
        Files.writeString(
                night, Files.readString(night) + "nonsense\n{\"id\":\"bad\",\"prompt\":\"x\",\"temperature\":-1}\n");
        CapturedConsole console = new CapturedConsole();
        assertThat(run(console, "submit", night.toString(), "--batch", "night/1", "--wait", "--timeout", "90s"))
                .as(console.err())
                .isEqualTo(1);
        assertThat(console.err())
                .contains("sent 61 prompts")
                .contains("1 lines of " + night + " are no prompts and were not sent")
                .contains("batch night/1: 61 prompts: 60 succeeded, 1 rejected; ")
                .contains(" 600 new ones");

        Path out = folder.resolve("out.jsonl");
        CapturedConsole collected = new CapturedConsole();
        assertThat(run(collected, "collect", "--batch", "night/1", "--out", out.toString()))
                .as(collected.err())
                .isZero();
        assertThat(collected.err()).contains("collected 61 completions");
        Set<String> ids = new HashSet<>();
        for (String line : Files.readAllLines(out)) {
            assertThat(ids.add(Json.read(line).get("id").asText())).as(line).isTrue();
        }
        assertThat(ids).hasSize(61).allMatch(id -> id.startsWith("night") || id.equals("bad"));

        for (Worker worker : workers) {
            JsonNode batch = get(worker, "/batches/night%2F1");
            assertThat(batch.path("completed").asBoolean()).as(batch.toString()).isTrue();
            assertThat(batch.get("announced").asInt()).isEqualTo(61);
            assertThat(batch.get("succeeded").asInt()).isEqualTo(60);
            assertThat(batch.get("rejected").asInt()).isEqualTo(1);
            assertThat(batch.get("usage").get("completion_tokens").asInt()).isEqualTo(600);
            await().atMost(PATIENCE).untilAsserted(() -> {
                JsonNode all = get(worker, "/batches");
                assertThat(all.get("unreachable")).isEmpty();
                assertThat(all.get("batches"))
                        .extracting(one -> one.get("batch_id").asText())
                        .containsExactlyInAnyOrder("night/1", "unannounced");
            });
            JsonNode unannounced = get(worker, "/batches/unannounced");
            assertThat(unannounced.get("announced").isNull()).isTrue();
            assertThat(unannounced.get("succeeded").asInt()).isEqualTo(40);
            assertThat(unannounced.get("completed").asBoolean()).isFalse();
            assertThat(get(worker, "/batches/overruled").get("error").asText())
                    .isEqualTo("batch overruled: there is none of this id");
        }
        assertMetrics(first, second);
        assertOthers();
    }

    private void assertMetrics(Worker first, Worker second) throws Exception {
        long ended = 0;
        for (Worker worker : List.of(first, second)) {
            String text = get(worker, "/metrics").get("text").asText();
            assertThat(text).contains("llama_pending_prompts 0\n", "llama_pending_tokens 0\n", "llama_ready 1\n");
            ended += text.lines()
                    .filter(line -> line.startsWith("llama_prompts_ended_total"))
                    .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
        assertThat(ended).isEqualTo(101);
    }

    /** What cannot be complete ends with the patience, and says so. */
    private void assertOthers() {
        CapturedConsole unannounced = new CapturedConsole();
        assertThat(run(unannounced, "collect", "--batch", "unannounced", "--timeout", "3s"))
                .isZero();
        assertThat(unannounced.out().lines()).hasSize(40);
        assertThat(unannounced.err()).contains("was not announced");
        CapturedConsole unknown = new CapturedConsole();
        assertThat(run(unknown, "collect", "--batch", "unknown", "--timeout", "2s"))
                .isEqualTo(1);
        assertThat(unknown.err()).contains("batch unknown: nothing is known of it");
        assertThat(run(new CapturedConsole(), "collect", "--batch", "b", "--count", "3"))
                .isEqualTo(2);
        assertThat(run(new CapturedConsole(), "collect", "--batch", " ")).isEqualTo(2);
        assertThat(run(new CapturedConsole(), "submit", "x.jsonl", "--wait")).isEqualTo(2);
    }
}
