package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The form of the figures; how large they are is for benchmarks, not for tests. */
class BenchCommandTest {
    @TempDir
    Path folder;

    private CapturedConsole run(int expectedExitCode, String... more) {
        Path model = RandomModel.tiny().write(folder.resolve("tiny.gguf"));
        CapturedConsole console = new CapturedConsole();
        List<String> words = new ArrayList<>(List.of("bench", "--model", model.toString()));
        words.addAll(List.of(more));
        if (!words.contains("--threads")) {
            words.addAll(List.of("--threads", "2"));
        }
        if (!words.contains("--runs")) {
            words.addAll(List.of("--runs", "1"));
        }
        assertThat(console.run(words)).as(console.err()).isEqualTo(expectedExitCode);
        return console;
    }

    private List<JsonNode> runJson(String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(more));
        words.add("--json");
        List<JsonNode> lines = new ArrayList<>();
        for (String line : run(0, words.toArray(String[]::new)).out().lines().toList()) {
            lines.add(Json.read(line));
        }
        return lines;
    }

    private static List<JsonNode> ofMetric(List<JsonNode> lines, String metric) {
        return lines.stream()
                .filter(line -> line.get("metric").asText().equals(metric))
                .toList();
    }

    @Test
    void printsOneObjectPerFigure() throws IOException {
        List<JsonNode> lines =
                runJson("--prefill", "40,24", "--decode", "2", "--context", "20,50", "--batch", "1,3", "--runs", "2");
        assertThat(lines.stream()
                        .map(line -> line.get("metric").asText() + " "
                                + (line.has("tokens")
                                        ? line.get("tokens").asInt()
                                        : line.get("batch").asInt() + " "
                                                + line.get("context").asInt())))
                .containsExactly(
                        "prefill 40", "prefill 24", "decode 1 20", "decode 3 20", "decode 1 50", "decode 3 50");
        for (JsonNode line : lines) {
            assertThat(line.get("min").asDouble()).isPositive();
            assertThat(line.get("tokens_per_s").asDouble())
                    .isBetween(line.get("min").asDouble(), line.get("max").asDouble());
            assertThat(line.get("runs").asInt()).isEqualTo(2);
        }
    }

    @Test
    void aProfileAddsUpToTheStep() throws IOException {
        List<JsonNode> lines = runJson(
                "--prefill", "40", "--decode", "4", "--context", "20,33", "--batch", "3", "--profile", "--memory");
        assertThat(lines.stream().map(line -> line.get("metric").asText()).collect(Collectors.toSet()))
                .isEqualTo(Set.of("prefill", "decode", "machine", "profile", "matrix", "memory"));
        Map<String, List<JsonNode>> points = ofMetric(lines, "profile").stream()
                .collect(Collectors.groupingBy(line -> line.get("of").asText() + " "
                        + line.path("tokens").asText() + line.path("context").asText()));
        assertThat(points.keySet()).isEqualTo(Set.of("prefill 40", "decode 20", "decode 33"));
        for (List<JsonNode> phases : points.values()) {
            double step = phases.getFirst().get("step_us").asDouble();
            assertThat(step).isPositive();
            assertThat(phases.stream().map(line -> line.get("phase").asText()))
                    .hasSize(14)
                    .doesNotHaveDuplicates();
            assertThat(phases.stream().map(line -> line.get("group").asText()).collect(Collectors.toSet()))
                    .isEqualTo(Set.of(
                            "matrices", "attention", "element_wise", "kv_store", "sampling", "scheduling", "waiting"));
            // six digits of each are printed
            assertThat(sum(phases, "us_per_step")).isCloseTo(step, within(step * 1e-4));
            assertThat(sum(phases, "share")).isCloseTo(1, within(1e-4));
            for (JsonNode line : phases) {
                assertThat(line.get("step_us").asDouble()).isEqualTo(step);
                boolean mayBeIdle =
                        Set.of("waiting", "kv_store").contains(line.get("phase").asText());
                assertThat(line.get("us_per_step").asDouble())
                        .as(line.toString())
                        .isGreaterThan(mayBeIdle ? -1e-9 : 0);
            }
        }
    }

    private static double sum(List<JsonNode> lines, String field) {
        return lines.stream().mapToDouble(line -> line.get(field).asDouble()).sum();
    }

    @Test
    void matricesAreSetAgainstTheMachine() throws IOException {
        List<JsonNode> lines =
                runJson("--prefill", "40", "--decode", "4", "--context", "20", "--batch", "3", "--profile");
        JsonNode machine = ofMetric(lines, "machine").getFirst();
        assertThat(machine.get("threads").asInt()).isEqualTo(2);
        List<JsonNode> matrices = ofMetric(lines, "matrix");
        assertThat(matrices.stream()
                        .map(line -> line.get("of").asText() + " "
                                + line.get("matrix").asText() + " "
                                + line.get("type").asText() + " " + line.get("rows") + "x" + line.get("columns") + " "
                                + line.get("inputs").asDouble()))
                .containsExactly(
                        "prefill query_key_value F32 128x64 40.0",
                        "prefill attention_output F32 64x64 40.0",
                        "prefill gate_and_up F32 192x64 40.0",
                        "prefill down F32 64x96 40.0",
                        "prefill vocabulary F32 320x64 1.0",
                        "decode query_key_value F32 128x64 3.0",
                        "decode attention_output F32 64x64 3.0",
                        "decode gate_and_up F32 192x64 3.0",
                        "decode down F32 64x96 3.0",
                        "decode vocabulary F32 320x64 3.0");
        for (JsonNode line : matrices) {
            double read = machine.get("read_gb_per_s").asDouble();
            double peak = machine.get("f32_gop_per_s").asDouble();
            assertThat(line.get("share_of_read").asDouble() * read)
                    .isCloseTo(
                            line.get("gb_per_s").asDouble(),
                            within(1e-4 * line.get("gb_per_s").asDouble()));
            assertThat(line.get("share_of_f32").asDouble() * peak)
                    .isCloseTo(
                            line.get("gop_per_s").asDouble(),
                            within(1e-4 * line.get("gop_per_s").asDouble()));
        }
    }

    @Test
    void tablesAreForPeople() {
        String out = run(
                        0,
                        "--prefill",
                        "0",
                        "--decode",
                        "4",
                        "--context",
                        "20",
                        "--batch",
                        "2",
                        "--profile",
                        "--memory",
                        "--kernels",
                        "scalar")
                .out();
        assertThat(out).contains("decode batch 2, context 20", "tokens/s", "GB/s of memory", "ms a step");
        assertThat(out).contains("attention", "KV store", "sampling", "scheduling, bookkeeping", "waiting for other");
        assertThat(out).contains("gate, up            F32        192 x 64", "peak of resident memory");
    }

    @Test
    void shortensAProfileThatWouldOutgrowTheContext() throws IOException {
        List<JsonNode> lines =
                runJson("--prefill", "128", "--decode", "28", "--context", "100", "--batch", "2", "--profile");
        assertThat(ofMetric(lines, "profile")).hasSize(28);
    }

    @Test
    void namesWhatTheModelCannotDo() {
        assertThat(run(1, "--prefill", "129", "--decode", "0").err())
                .contains("tokens of a sequence: expected at most the model's context of 128, found 129");
        assertThat(run(1, "--context", "20,100", "--decode", "29").err())
                .contains("tokens of a sequence: expected at most the model's context of 128, found 512");
    }

    @Test
    void namesTheOptionThatIsOutOfRange() {
        assertThat(run(2, "--batch", "4,0").err()).contains("--batch: expected 1 to 4096, found 0");
        assertThat(run(2, "--context", "0").err()).contains("--context: expected 1 to");
        assertThat(run(2, "--runs", "0").err()).contains("--runs: expected 1 to 1000, found 0");
        assertThat(run(2, "--decode", "-1").err()).contains("--decode: expected 0 to");
        assertThat(run(2, "--prefill", "-5").err()).contains("--prefill: expected 0 to");
        assertThat(run(2, "--prefill", "0", "--decode", "0").err())
                .contains("expected something to measure, found --prefill 0 and --decode 0");
        assertThat(run(2, "--batch", "many").err()).contains("--batch");
        assertThat(run(2, "--threads", "0").err()).contains("--threads: expected at least 1, found 0");
    }
}
