package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Broker, two workers, sender and collector as processes of their own, as the README shows them. */
@Timeout(600)
class WorkersIT {

    private static final int PROMPTS = 600;
    private static final int DISTINCT = 12;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path folder;

    private String bootstrap;

    @Test
    void everyPromptIsAnsweredOnceThoughAWorkerIsTerminated() throws Exception {
        Path model = TinyModel.f32();
        Path prompts = writePrompts();
        try (ChildProcess broker =
                ChildProcess.start(folder, "broker", List.of("broker", "--port", "0", "--data", folder + "/data"))) {
            broker.awaitOut(text -> text.endsWith("\n"), PATIENCE);
            bootstrap = broker.out().strip();
            try (ChildProcess first = worker("first", model);
                    ChildProcess second = worker("second", model)) {
                first.awaitErr(text -> text.contains("worker started"), PATIENCE);
                second.awaitErr(text -> text.contains("worker started"), PATIENCE);
                succeeds(run("submit", "submit", prompts.toString()));
                succeeds(run("collect-some", "collect", "--count", "40", "--out", folder + "/some.jsonl"));

                first.terminate();
                assertThat(first.await(PATIENCE)).as(first.describe()).isEqualTo(128 + 15);
                assertThat(first.err()).contains("worker stopped: in_time=true").doesNotContain("ERROR");

                Path out = folder.resolve("all.jsonl");
                succeeds(run("collect-all", "collect", "--count", "" + PROMPTS, "--out", out.toString()));
                requireAllOnce(out);
                Path again = folder.resolve("again.jsonl");
                succeeds(run("collect-again", "collect", "--timeout", "3s", "--out", again.toString()));
                requireAllOnce(again);

                second.terminate();
                assertThat(second.await(PATIENCE)).as(second.describe()).isEqualTo(128 + 15);
                assertThat(succeeded(first)).as("both took part").isPositive();
                assertThat(succeeded(second)).as("both took part").isPositive();
            }
            broker.terminate();
            assertThat(broker.await(PATIENCE)).as(broker.describe()).isEqualTo(128 + 15);
        }
    }

    @Test
    void workerSaysInOneLineWhyItCannotStart() throws Exception {
        Path model = TinyModel.f32();
        bootstrap = "127.0.0.1:1";
        fails(1, "broker 127.0.0.1:1: Connection refused", run("no-broker", "run", "--model", model.toString()));
        fails(2, "llama.model: expected a value, found none", run("no-model", "run"));
        fails(1, "llama.max.batch", run("bad-value", "run", "--model", model.toString(), "--set", "llama.max.batch=0"));
        try (ChildProcess broker = ChildProcess.start(folder, "broker", List.of("broker", "--port", "0"))) {
            broker.awaitOut(text -> text.endsWith("\n"), PATIENCE);
            bootstrap = broker.out().strip();
            fails(1, "missing.gguf", run("missing-model", "run", "--model", folder + "/missing.gguf"));
        }
    }

    /** The same few prompts over and over, so that texts of both workers can be compared. */
    private Path writePrompts() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            int kind = i % DISTINCT;
            lines.add("{\"id\":\"p" + i + "\",\"prompt\":\"One day, a boy named Tim found " + kind
                    + " stones. He\",\"max_new_tokens\":150,\"temperature\":0.8,\"seed\":" + kind + "}");
        }
        return Files.write(folder.resolve("prompts.jsonl"), lines);
    }

    private void requireAllOnce(Path out) throws Exception {
        Set<String> ids = new HashSet<>();
        Map<Integer, String> texts = new HashMap<>();
        for (String line : Files.readAllLines(out)) {
            JsonNode completion = Json.read(line);
            String id = completion.get("id").asText();
            assertThat(completion.get("status").asText()).as(line).isEqualTo("SUCCEEDED");
            assertThat(ids.add(id)).as("twice: " + id).isTrue();
            int kind = Integer.parseInt(id.substring(1)) % DISTINCT;
            String text = completion.get("text").asText();
            assertThat(text).isEqualTo(texts.computeIfAbsent(kind, same -> text));
        }
        assertThat(ids).hasSize(PROMPTS);
    }

    private ChildProcess worker(String name, Path model) {
        return ChildProcess.start(
                folder,
                name,
                List.of(
                        "run",
                        "--bootstrap",
                        bootstrap,
                        "--registry",
                        "mock://",
                        "--model",
                        model.toString(),
                        "--set",
                        "llama.threads=1"));
    }

    private ChildProcess run(String name, String command, String... options) {
        return ChildProcess.start(
                folder,
                name,
                Stream.concat(Stream.of(command, "--bootstrap", bootstrap, "--registry", "mock://"), Stream.of(options))
                        .toList());
    }

    private static void succeeds(ChildProcess process) throws InterruptedException {
        try (process) {
            assertThat(process.await(PATIENCE)).as(process.describe()).isZero();
        }
    }

    private static void fails(int exitCode, String message, ChildProcess process) throws InterruptedException {
        try (process) {
            assertThat(process.await(PATIENCE)).as(process.describe()).isEqualTo(exitCode);
            assertThat(process.err()).contains(message).doesNotContain("\tat ");
        }
    }

    private static long succeeded(ChildProcess worker) {
        Matcher counts = Pattern.compile("worker stopped.*succeeded=(\\d+)").matcher(worker.err());
        assertThat(counts.find()).as(worker.describe()).isTrue();
        return Long.parseLong(counts.group(1));
    }
}
