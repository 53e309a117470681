package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.demo.BuiltInModel;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a trained model that tells stories and writes no JSON; what it does write is learnt from {@code batch}. */
class EvalCommandTest {
    @TempDir
    private Path folder;

    private CapturedConsole console = new CapturedConsole();

    private int run(Object... arguments) {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        words.addAll(List.of("--threads", "1", "--model", TinyModel.f32().toString()));
        console = new CapturedConsole();
        return console.run(words);
    }

    private static Map<String, JsonNode> byId(Path file) throws IOException {
        Map<String, JsonNode> lines = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode json = Json.read(line);
            assertThat(lines.put(json.get("id").asText(), json)).as(line).isNull();
        }
        return lines;
    }

    private static ObjectNode request(String id, String prompt) {
        return Json.object().put("id", id).put("prompt", prompt).put("max_new_tokens", 6);
    }

    /** What the model says to the prompt; greedy, so it says the same again. */
    private String textOf(String prompt) throws IOException {
        Path in = Files.writeString(folder.resolve("learn.jsonl"), Json.write(request("x", prompt)));
        Path out = folder.resolve("learnt.jsonl");
        assertThat(run("batch", "--in", in, "--out", out)).as(console.err()).isZero();
        return byId(out).get("x").get("text").asText();
    }

    @Test
    void measuresEveryLineAlsoThoseWithoutAnAnswer() throws IOException {
        String text = textOf("Once upon a time");
        JsonNode truth = Json.read("{\"a\":\"x\",\"b\":null}");
        Path in = Files.write(
                folder.resolve("in.jsonl"),
                List.of(
                        Json.write(request("right", "Once upon a time").put("expected", text)),
                        Json.write(request("wrong", "Once upon a time").put("expected", text + "!")),
                        Json.write(request("object", "Once upon a time").set("expected", truth)),
                        Json.write(request("none", "x").put("max_new_tokens", 0).set("expected", truth)),
                        Json.write(
                                request("type", "x").put("temperature", "hot").set("expected", truth))));
        Path out = folder.resolve("out.jsonl");
        assertThat(run("eval", "--file", in, "--out", out, "--json"))
                .as(console.err())
                .isZero();
        assertThat(console.err()).doesNotContain("unknown field", "warning").contains("5 requests: 3 succeeded");

        JsonNode result = Json.read(console.out());
        assertThat(result.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly(
                        "requests",
                        "succeeded",
                        "json_valid",
                        "all_fields_right",
                        "field_accuracy",
                        "exact_match",
                        "prompt_tokens",
                        "cached_tokens",
                        "completion_tokens",
                        "seconds",
                        "tokens_per_s");
        assertThat(result.get("requests").asInt()).isEqualTo(5);
        assertThat(result.get("succeeded").asInt()).isEqualTo(3);
        assertThat(result.get("json_valid").asDouble()).isZero();
        assertThat(result.get("all_fields_right").asDouble()).isZero();
        assertThat(result.get("field_accuracy")).isEqualTo(Json.read("{\"a\":0.0,\"b\":0.0}"));
        assertThat(result.get("exact_match").asDouble()).isEqualTo(0.2);
        assertThat(result.get("completion_tokens").asInt()).isEqualTo(18);

        Map<String, JsonNode> lines = byId(out);
        assertThat(lines).hasSize(5);
        assertThat(lines.get("right").get("exact_match").asBoolean()).isTrue();
        assertThat(lines.get("right").get("expected").asText()).isEqualTo(text);
        assertThat(lines.get("right").get("text").asText()).isEqualTo(text);
        assertThat(lines.get("right").has("json_valid")).isFalse();
        assertThat(lines.get("wrong").get("exact_match").asBoolean()).isFalse();
        assertThat(lines.get("object").get("json_valid").asBoolean()).isFalse();
        assertThat(lines.get("object").get("ids")).hasSize(6);
        for (String id : List.of("none", "type")) {
            JsonNode line = lines.get(id);
            assertThat(line.get("status").asText()).isEqualTo("REJECTED");
            assertThat(line.get("error").asText()).isNotEmpty();
            assertThat(line.get("expected")).isEqualTo(truth);
            assertThat(line.get("all_fields_right").asBoolean()).isFalse();
            assertThat(line.get("fields_right")).isEqualTo(Json.read("{\"a\":false,\"b\":false}"));
        }
    }

    @Test
    void showsSharesAndTheFirstWrongAnswersToPeople() throws IOException {
        String text = textOf("Lily");
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            lines.add(Json.write(request("r" + i, "Lily").put("expected", i < 2 ? text : "no story")));
        }
        Path in = Files.write(folder.resolve("in.jsonl"), lines);
        assertThat(run("eval", "--in", in)).as(console.err()).isZero();
        assertThat(console.out())
                .contains("r2  wrong\n  Lily\n", "r3  wrong", "r4  wrong", "no story")
                .containsPattern("exactly the text +25\\.0 %  2 of 8\n")
                .doesNotContain("r0", "r5  wrong", "valid JSON");
    }

    @Test
    void linesMustExpectSomethingThatCanBeCompared() throws IOException {
        String good = Json.write(request("a", "x").put("expected", "y"));
        for (Map.Entry<String, String> bad : Map.of(
                        Json.write(request("b", "x")),
                        "expected: expected an object or a string, found nothing",
                        Json.write(request("b", "x").put("expected", 7)),
                        "expected: expected an object or a string, found 7",
                        Json.write(request("b", "x").putNull("expected")),
                        "expected: expected an object or a string, found nothing",
                        "nonsense",
                        "not JSON: ")
                .entrySet()) {
            Path in = Files.write(folder.resolve("in.jsonl"), List.of(good, "", bad.getKey(), good));
            assertThat(run("eval", "--file", in)).isEqualTo(1);
            assertThat(console.err())
                    .startsWith("error: " + in + ": line 3: " + bad.getValue())
                    .hasLineCount(1);
            assertThat(console.out()).isEmpty();
        }
    }

    @Test
    void saysWhatCannotWork() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
        assertThat(run("eval", "--file", empty)).isEqualTo(1);
        assertThat(console.err()).contains("empty.jsonl: expected prompts, found none");
        assertThat(run("eval", "--file", folder.resolve("none"))).isEqualTo(1);
        assertThat(console.err()).contains("none: no such file or folder");
        assertThat(run("eval", "--file", empty, "--out", empty)).isEqualTo(2);
        assertThat(run("eval", "--file", empty, "--tickets", 3)).isEqualTo(2);
        assertThat(run("eval", "--file", empty, "--out", "-")).isEqualTo(2);
        assertThat(run("eval", "--tickets", 0)).isEqualTo(2);
    }

    @Test
    void takesBuiltInTicketsAndThoseThatWereWrittenToAFile() throws IOException {
        Path file = folder.resolve("tickets.jsonl");
        assertThat(new CapturedConsole()
                        .run(List.of("tickets", "--count", "3", "--seed", "9", "--out", file.toString())))
                .isZero();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        CapturedConsole standard = new CapturedConsole();
        assertThat(standard.run(List.of("tickets", "--count", "3", "--split", "TEST", "--seed", "9")))
                .isZero();
        assertThat(standard.out().lines()).containsExactlyElementsOf(lines);
        CapturedConsole train = new CapturedConsole();
        assertThat(train.run(List.of("tickets", "--count", "3", "--split", "train", "--seed", "9")))
                .isZero();
        assertThat(train.out().lines()).hasSize(3).doesNotContainAnyElementsOf(lines);
        assertThat(new CapturedConsole().run(List.of("tickets", "--count", "0")))
                .isEqualTo(2);

        Path ofFile = folder.resolve("of-file.jsonl");
        Path builtIn = folder.resolve("built-in.jsonl");
        assertThat(run("eval", "--file", file, "--out", ofFile))
                .as(console.err())
                .isZero();
        assertThat(run("eval", "--tickets", 3, "--ticket-seed", 9, "--out", builtIn, "--json"))
                .as(console.err())
                .isZero();
        assertThat(Json.read(console.out()).get("field_accuracy").properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("intent", "product", "order", "urgency", "sentiment", "reply");
        assertThat(withoutUsage(builtIn)).hasSize(3).isEqualTo(withoutUsage(ofFile));
        assertThat(byId(builtIn).get("test-2").get("expected"))
                .isEqualTo(Json.read(lines.get(2)).get("expected"));
        assertThat(run("batch", "--in", file, "--out", folder.resolve("completions.jsonl")))
                .isZero();
        assertThat(console.err()).contains("3 requests").doesNotContain("warning");
    }

    /** What a shared prefix saved depends on the moment. */
    private static Map<String, JsonNode> withoutUsage(Path file) throws IOException {
        Map<String, JsonNode> lines = byId(file);
        lines.values().forEach(line -> ((ObjectNode) line).remove("usage"));
        return lines;
    }

    @Test
    void measuresTheBuiltInModelOnTicketsIfNothingElseIsAskedFor() throws IOException {
        assumeTrue(BuiltInModel.isPresent(), "needs the built-in model in this build");
        CapturedConsole eval = new CapturedConsole();
        assertThat(eval.run(List.of("eval", "--json", "--threads", "1")))
                .as(eval.err())
                .isZero();
        JsonNode result = Json.read(eval.out());
        assertThat(result.get("requests").asInt()).isEqualTo(300);
        assertThat(result.get("json_valid").asDouble()).isGreaterThanOrEqualTo(0.99);
        assertThat(result.get("all_fields_right").asDouble()).isBetween(0.95, 1.0);
        assertThat(result.get("exact_match").asDouble())
                .isLessThanOrEqualTo(result.get("all_fields_right").asDouble());
        CapturedConsole generate = new CapturedConsole();
        assertThat(generate.run(
                        List.of("generate", "--model", "built-in", "--prompt", "Hello", "--max-new-tokens", "3")))
                .as(generate.err())
                .isZero();
    }
}
