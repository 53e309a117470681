package io.llamastreams.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.JarProcess;
import io.llamastreams.app.jsonl.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Command lines of the documents, run by the packaged jar in a scratch folder: those of README from the first file of prompts to the
 * collected completions, and of the other pages those that cost little. Models that are not here are replaced by the built-in one,
 * counts by small ones, and the broker takes any port.
 */
@Timeout(900)
class DocumentedCommandsIT {
    private static final Set<String> CHEAP =
            Set.of("config", "generate", "inspect", "perplexity", "tickets", "tokenize");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PROMPTS = 20;

    @TempDir
    private Path folder;

    private String bootstrap = "no broker";

    @Test
    void readmesLinesLeadFromPromptsToCompletions() throws Exception {
        List<String> lines = ourLines(Documents.pages().stream()
                .filter(page -> page.file().equals(Documents.README))
                .toList());
        assertThat(lines).hasSizeGreaterThan(8);
        List<Process> running = new ArrayList<>();
        try {
            for (String line : lines) {
                // On a cluster that is not here; the lines before are the same on one that is.
                if (line.contains("worker.properties")) {
                    continue;
                }
                List<String> words = words(line);
                switch (words.getFirst()) {
                    case "broker" -> {
                        running.add(start("broker", words));
                        Path out = folder.resolve("broker/out");
                        await().atMost(PATIENCE)
                                .until(() -> Files.readString(out).endsWith("\n"));
                        bootstrap = Files.readString(out).strip();
                    }
                    case "run" -> {
                        running.add(start("run", words));
                        Path err = folder.resolve("run/err");
                        await().atMost(PATIENCE)
                                .until(() -> Files.readString(err).contains("worker started"));
                    }
                    default -> jar().run(words.toArray()).succeeded();
                }
            }
            assertThat(running).hasSize(2);
            assertThat(succeeded(folder.resolve("completions.jsonl")))
                    .hasSize(PROMPTS)
                    .doesNotHaveDuplicates();
        } finally {
            running.reversed().forEach(DocumentedCommandsIT::end);
        }
    }

    @Test
    void cheapLinesOfPagesWork() throws Exception {
        Files.writeString(folder.resolve("text.txt"), "The kettle that I ordered is broken.\n");
        Files.writeString(folder.resolve("worker.properties"), "bootstrap.servers=broker:9092\n");
        Set<List<String>> lines = new LinkedHashSet<>();
        ourLines(Documents.pages()).stream()
                .map(this::words)
                .filter(words -> CHEAP.contains(words.getFirst()))
                .forEach(lines::add);
        assertThat(lines).hasSizeGreaterThan(8);
        for (List<String> words : lines) {
            assertThat(jar().run(words.toArray()).succeeded().out() + words).isNotEmpty();
        }
    }

    @Test
    void examplesOfRequestsAreServed() throws Exception {
        Examples examples = new Examples();
        Documents.pages().forEach(examples::problems);
        List<String> requests = List.copyOf(new LinkedHashSet<>(examples.requests()));
        Path in = Files.write(folder.resolve("in.jsonl"), requests);
        Path out = folder.resolve("out.jsonl");
        jar().run("batch", "--model", "built-in", "--in", in, "--out", out).succeeded();
        assertThat(succeeded(out)).hasSameSizeAs(requests);
    }

    private static List<String> ourLines(List<Page> pages) {
        String start = "java -jar " + CommandLines.JAR + " ";
        return pages.stream()
                .flatMap(page -> page.fences().stream())
                .flatMap(fence -> ShellLine.joined(fence.lines()).stream())
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .toList();
    }

    private List<String> words(String line) {
        List<String> words = new ArrayList<>(ShellLine.parse(line).words());
        for (int i = 0; i < words.size(); i++) {
            String before = i == 0 ? "" : words.get(i - 1);
            String word = words.get(i);
            if (word.endsWith(".gguf")) {
                words.set(i, "built-in");
            } else if (word.matches("[\\w-]+\\.(jsonl|txt|properties)")) {
                words.set(i, folder.resolve(word).toString());
            } else if (word.equals("localhost:9092")) {
                words.set(i, bootstrap);
            } else if (before.equals("--count")) {
                words.set(i, Integer.toString(PROMPTS));
            } else if (before.equals("--port")) {
                words.set(i, "0");
            } else if (before.equals("--data")) {
                words.set(i, folder.resolve("data").toString());
            }
        }
        return words;
    }

    private JarProcess jar() {
        return new JarProcess(folder);
    }

    /** In the background, with its output in a folder of its own. */
    private Process start(String name, List<String> words) throws IOException {
        return new JarProcess(Files.createDirectory(folder.resolve(name))).start(words.toArray());
    }

    private static void end(Process process) {
        process.destroy();
        process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Ids of the completions, which must all have succeeded. */
    private static List<String> succeeded(Path completions) throws IOException {
        List<String> ids = new ArrayList<>();
        for (String line : Files.readAllLines(completions)) {
            JsonNode completion = Json.read(line);
            assertThat(completion.path("status").asText()).as(line).isEqualTo("SUCCEEDED");
            ids.add(completion.path("id").asText());
        }
        return ids;
    }
}
