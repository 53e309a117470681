package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.demo.BuiltInModel;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration from end to end, as a process of its own. */
@Timeout(300)
class DemoIT {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    private Path folder;

    @Test
    void answersEveryLineOnceAndSumsUpInOneJsonObject() throws Exception {
        Path model = TinyModel.f32();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            lines.add("{\"id\":\"good-" + i + "\",\"prompt\":\"Once upon a time, there was a girl. She\","
                    + "\"max_new_tokens\":" + (8 + i) + ",\"temperature\":" + (i % 2 == 0 ? 0 : 0.8)
                    + ",\"seed\":" + i + ",\"tenant\":\"t" + i % 2 + "\"}");
        }
        lines.add("{\"id\":\"none\",\"prompt\":\"x\",\"max_new_tokens\":0}");
        lines.add("{\"id\":\"billion\",\"prompt\":\"Tom\",\"max_new_tokens\":1000000000}");
        lines.add("{\"id\":\"nan\",\"prompt\":\"x\",\"temperature\":NaN}");
        lines.add("{\"id\":\"empty\",\"prompt\":\"\",\"max_new_tokens\":5}");
        lines.add("{\"id\":\"long\",\"prompt\":\"" + "a long way ".repeat(600) + "\",\"max_new_tokens\":5}");
        lines.add("nonsense");
        lines.add("{\"id\":\"untyped\",\"prompt\":7}");
        Path prompts = Files.write(folder.resolve("prompts.jsonl"), lines);
        Path out = folder.resolve("out.jsonl");

        JsonNode summary;
        try (ChildProcess demo = ChildProcess.start(
                folder,
                "demo",
                List.of(
                        "demo",
                        "--json",
                        "--model",
                        model.toString(),
                        "--prompts",
                        prompts.toString(),
                        "--out",
                        out.toString()))) {
            assertThat(demo.await(PATIENCE)).as(demo.describe()).isZero();
            assertThat(demo.out().lines()).hasSize(1);
            assertThat(demo.err()).doesNotContain("ERROR", "\tat ");
            summary = Json.read(demo.out());
        }

        Map<String, JsonNode> results = new HashMap<>();
        long promptTokens = 0;
        long completionTokens = 0;
        for (String line : Files.readAllLines(out)) {
            JsonNode result = Json.read(line);
            assertThat(results.put(result.get("id").asText(), result)).as(line).isNull();
            promptTokens += result.get("usage").get("prompt_tokens").asLong();
            completionTokens += result.get("usage").get("completion_tokens").asLong();
        }
        assertThat(results).hasSize(lines.size());
        for (int i = 0; i < 30; i++) {
            JsonNode result = results.get("good-" + i);
            assertThat(result.get("status").asText()).isEqualTo("SUCCEEDED");
            assertThat(result.get("usage").get("completion_tokens").asInt()).isLessThanOrEqualTo(8 + i);
            assertThat(result.get("text").asText()).isNotEmpty();
        }
        assertThat(results.get("billion").get("status").asText()).isEqualTo("SUCCEEDED");
        assertThat(results.get("empty").get("status").asText()).isEqualTo("SUCCEEDED");
        for (String refused : List.of("none", "nan", "long", "line-36", "untyped")) {
            assertThat(results.get(refused).get("status").asText()).as(refused).isEqualTo("REJECTED");
            assertThat(results.get(refused).get("error").asText()).as(refused).isNotEmpty();
        }

        assertThat(summary.get("requests").asInt()).isEqualTo(37);
        assertThat(summary.get("succeeded").asInt()).isEqualTo(32);
        assertThat(summary.get("failed").asInt()).isEqualTo(5);
        assertThat(summary.get("rejected").asInt()).isEqualTo(5);
        assertThat(summary.get("prompt_tokens").asLong()).isEqualTo(promptTokens);
        assertThat(summary.get("completion_tokens").asLong()).isEqualTo(completionTokens);
        assertThat(summary.get("tokens_per_s").asDouble()).isPositive();
        assertThat(summary.get("kv_blocks_peak").asInt())
                .isBetween(1, summary.get("kv_blocks_total").asInt());
        long counted = 0;
        long usedTokens = 0;
        for (JsonNode window : summary.get("usage")) {
            counted += window.get("requests").asLong();
            usedTokens += window.get("completion_tokens").asLong();
        }
        assertThat(counted).as("prompts that went through the broker").isEqualTo(35);
        assertThat(usedTokens).isEqualTo(completionTokens);
    }

    @Test
    void readsTicketsWithTheBuiltInModelIfNothingElseIsAskedFor() throws Exception {
        assumeTrue(BuiltInModel.isPresent(), "needs the built-in model in this build");
        Path out = folder.resolve("out.jsonl");
        try (ChildProcess demo =
                ChildProcess.start(folder, "demo", List.of("demo", "--json", "--out", out.toString()))) {
            assertThat(demo.await(PATIENCE)).as(demo.describe()).isZero();
            JsonNode summary = Json.read(demo.out());
            assertThat(summary.get("model").asText()).isEqualTo("support-tickets");
            assertThat(summary.get("requests").asInt()).isEqualTo(300);
            assertThat(summary.get("succeeded").asInt()).isEqualTo(300);
            assertThat(summary.get("json_valid").asDouble()).isGreaterThanOrEqualTo(0.99);
            assertThat(summary.get("all_fields_right").asDouble()).isGreaterThanOrEqualTo(0.95);
            assertThat(summary.get("field_accuracy"))
                    .hasSize(6)
                    .allSatisfy(share -> assertThat(share.asDouble()).isGreaterThanOrEqualTo(0.9));
            assertThat(summary.get("cached_tokens").asLong())
                    .as("the system prompt is shared")
                    .isPositive();
            assertThat(Files.readString(out)).doesNotContain("expected");
        }
        try (ChildProcess demo = ChildProcess.start(folder, "people", List.of("demo", "--tickets", "40"))) {
            assertThat(demo.await(PATIENCE)).as(demo.describe()).isZero();
            assertThat(demo.out())
                    .contains("every field right", "  intent", "  reply", "saved by shared prefixes")
                    .containsPattern("test-[0-9]+  (right|wrong)");
            assertThat(demo.err()).contains("prompts  40 test tickets of seed 1");
        }
    }

    @Test
    void tellsStoriesToPeople() throws Exception {
        Path model = TinyModel.f32();
        try (ChildProcess demo = ChildProcess.start(folder, "demo", List.of("demo", "--model", model.toString()))) {
            assertThat(demo.await(PATIENCE)).as(demo.describe()).isZero();
            assertThat(demo.out())
                    .contains("story-01  (", "story-24  (", "there was a little girl named Lily. She loved to >>")
                    .contains("24  (24 succeeded, 0 rejected, 0 failed otherwise)")
                    .contains("blocks at the peak", "tokens per second", "kindergarten", "library", "bedtime");
            assertThat(demo.err()).doesNotContain("ERROR", "WARN ", "\tat ");
        }
    }

    @Test
    void measuresAnswersThatLinesExpect() throws Exception {
        Path model = TinyModel.f32();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String expected = i < 36 ? "{\"intent\":\"refund\",\"order\":null}" : "\"a story\"";
            lines.add("{\"id\":\"t" + i + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Ticket " + i
                    + "\"}],\"max_new_tokens\":8,\"expected\":" + expected + "}");
        }
        lines.set(0, "{\"id\":\"t0\",\"prompt\":\"x\",\"max_new_tokens\":0,\"expected\":{\"more\":1}}");
        Path prompts = Files.write(folder.resolve("prompts.jsonl"), lines);
        List<String> command = List.of("demo", "--model", model.toString(), "--prompts", prompts.toString());
        try (ChildProcess demo = ChildProcess.start(folder, "people", command)) {
            assertThat(demo.await(PATIENCE)).as(demo.describe()).isZero();
            assertThat(demo.err())
                    .contains("6 of the completions are shown as they come")
                    .doesNotContain("unknown field", "\tat ");
            assertThat(demo.out())
                    .contains(
                            "t0  rejected: ", "t0  wrong", "t1  wrong", "t2  wrong", "  Ticket 1\n", "answer: not JSON")
                    .contains("{\"intent\":\"refund\",  ", "\"order\":null}")
                    .containsPattern("valid JSON +0\\.0 %  0 of 36\n")
                    .containsPattern("every field right +0\\.0 %  0 of 36\n")
                    .containsPattern("  intent +0\\.0 %  0 of 35\n")
                    .containsPattern("exactly the text +0\\.0 %  0 of 40\n")
                    .contains("tokens per second")
                    .doesNotContain("t3  wrong");
        }
        List<String> json = new ArrayList<>(command);
        json.add("--json");
        try (ChildProcess demo = ChildProcess.start(folder, "json", json)) {
            assertThat(demo.await(PATIENCE)).as(demo.describe()).isZero();
            JsonNode summary = Json.read(demo.out());
            assertThat(summary.get("requests").asInt()).isEqualTo(40);
            assertThat(summary.get("json_valid").isDouble()).isTrue();
            assertThat(summary.get("json_valid").asDouble()).isZero();
            assertThat(summary.get("all_fields_right").asDouble()).isZero();
            assertThat(summary.get("field_accuracy"))
                    .isEqualTo(Json.read("{\"more\":0.0,\"intent\":0.0,\"order\":0.0}"));
            assertThat(summary.get("exact_match").asDouble()).isZero();
        }
    }

    @Test
    void saysWhatCannotWork() throws Exception {
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(List.of("demo", "--model", "missing.gguf"))).isEqualTo(1);
        assertThat(console.err()).contains("missing.gguf: no such file or folder");
        String model = TinyModel.f32().toString();
        String missing = folder.resolve("missing.jsonl").toString();
        CapturedConsole noPrompts = new CapturedConsole();
        assertThat(noPrompts.run(List.of("demo", "--model", model, "--prompts", missing)))
                .isEqualTo(1);
        assertThat(noPrompts.err()).contains("missing.jsonl: no such file or folder");
        CapturedConsole both = new CapturedConsole();
        assertThat(both.run(List.of("demo", "--model", model, "--prompts", missing, "--tickets", "3")))
                .isEqualTo(2);
        assertThat(both.err()).contains("--tickets and --ticket-seed: expected no --prompts beside them");
        CapturedConsole none = new CapturedConsole();
        assertThat(none.run(List.of("demo", "--model", model, "--tickets", "0")))
                .isEqualTo(2);
        assertThat(none.err()).contains("--tickets: count: expected at least 1, found 0");
    }
}
