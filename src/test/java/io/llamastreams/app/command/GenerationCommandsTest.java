package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** generate and batch, with a trained model; the golden ids are llama.cpp's, and the file says how they were made. */
class GenerationCommandsTest {
    @TempDir
    Path folder;

    private final CapturedConsole console = new CapturedConsole();

    private static Path model() {
        return TinyModel.f32();
    }

    private int run(Object... arguments) {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        // One thread: the machine that runs the tests has others to run.
        words.addAll(List.of("--threads", "1", "--model", model().toString()));
        return console.run(words);
    }

    private List<JsonNode> batch(String input, Object... options) throws IOException {
        Path in = Files.writeString(folder.resolve("in.jsonl"), input);
        Path out = folder.resolve("out.jsonl");
        List<Object> words = new ArrayList<>(List.of("batch", "--in", in, "--out", out));
        words.addAll(List.of(options));
        assertThat(run(words.toArray())).as(console.err()).isZero();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(out)) {
            lines.add(Json.read(line));
        }
        return lines;
    }

    private static Map<String, JsonNode> byId(List<JsonNode> lines) {
        Map<String, JsonNode> byId = new LinkedHashMap<>();
        lines.forEach(
                line -> assertThat(byId.put(line.get("id").asText(), line)).isNull());
        return byId;
    }

    private static JsonNode goldenCases() throws IOException {
        return Json.read(Files.readString(TinyModel.golden("greedy"))).get("cases");
    }

    @Test
    void generatesTheGoldenIds() throws IOException {
        for (JsonNode example : goldenCases()) {
            String ids = String.join(
                    ",",
                    StreamSupport.stream(example.get("prompt").spliterator(), false)
                            .map(JsonNode::asText)
                            .toList());
            CapturedConsole fresh = new CapturedConsole();
            assertThat(fresh.run(List.of(
                            "generate",
                            "--model",
                            model().toString(),
                            "--prompt-ids",
                            ids,
                            "--max-new-tokens",
                            "64",
                            "--temperature",
                            "0",
                            "--threads",
                            "1",
                            "--json")))
                    .as(fresh.err())
                    .isZero();
            JsonNode line = Json.read(fresh.out());
            assertThat(line.get("prompt_ids")).isEqualTo(example.get("prompt"));
            assertThat(line.get("ids")).isEqualTo(example.get("greedy"));
            assertThat(line.get("finish_reason").asText()).isEqualTo("length");
            assertThat(line.properties())
                    .extracting(Map.Entry::getKey)
                    .containsExactly("prompt_ids", "ids", "text", "finish_reason");
        }
    }

    @Test
    void weightsInTheFileGiveTheSameTexts() throws IOException {
        String prompts = """
                {"id":"a","prompt":"Once upon a time","max_new_tokens":20,"logprobs":true}
                {"id":"b","prompt":"The cat","max_new_tokens":30,"temperature":1.0,"seed":4,"logprobs":true}
                {"id":"c","prompt":"Lily","max_new_tokens":25,"logprobs":true}
                """;
        Map<String, JsonNode> packed = byId(batch(prompts, "--weights", "packed"));
        Map<String, JsonNode> mapped = byId(batch(prompts, "--weights", "mapped"));
        assertThat(packed).hasSize(3);
        for (String id : packed.keySet()) {
            for (String field : List.of("ids", "text", "logprobs")) {
                assertThat(packed.get(id).get(field)).as(field).isNotNull();
                assertThat(mapped.get(id).get(field))
                        .as(field)
                        .isEqualTo(packed.get(id).get(field));
            }
        }
        assertThat(run("generate", "--prompt", "x", "--weights", "elsewhere")).isEqualTo(2);
    }

    @Test
    void printsTheTextThatTheJsonFormHas() throws IOException {
        assertThat(run("generate", "--prompt", "Once upon a time", "--max-new-tokens", 20, "--json"))
                .isZero();
        JsonNode line = Json.read(console.out());
        assertThat(line.get("prompt_ids")).isEqualTo(Json.read("[1,362,363,264,321]"));
        CapturedConsole text = new CapturedConsole();
        assertThat(text.run(List.of(
                        "generate",
                        "--model",
                        model().toString(),
                        "--prompt",
                        "Once upon a time",
                        "--max-new-tokens",
                        "20")))
                .isZero();
        assertThat(text.out()).isEqualTo(line.get("text").asText() + "\n").startsWith(", there was");
        assertThat(text.err()).contains("20 new tokens, length");
    }

    @Test
    void seedsDecideTheText() throws IOException {
        List<String> texts = new ArrayList<>();
        for (int seed : new int[] {7, 7, 8}) {
            CapturedConsole fresh = new CapturedConsole();
            assertThat(fresh.run(List.of(
                            "generate",
                            "--model",
                            model().toString(),
                            "--prompt",
                            "The",
                            "--temperature",
                            "1",
                            "--top-k",
                            "50",
                            "--top-p",
                            "0.95",
                            "--seed",
                            "" + seed,
                            "--stop",
                            ".",
                            "--logprobs",
                            "--json")))
                    .isZero();
            texts.add(fresh.out());
            JsonNode line = Json.read(fresh.out());
            assertThat(line.get("logprobs")).hasSameSizeAs(line.get("ids"));
            assertThat(line.get("text").asText()).doesNotContain(".");
            assertThat(line.get("finish_reason").asText()).isEqualTo("stop");
        }
        assertThat(texts.get(0)).isEqualTo(texts.get(1)).isNotEqualTo(texts.get(2));
    }

    @Test
    void refusesWhatCannotBeGenerated() {
        assertThat(run("generate", "--prompt", "x", "--max-new-tokens", 0)).isEqualTo(1);
        assertThat(run("generate", "--prompt", "x", "--temperature", "NaN")).isEqualTo(1);
        assertThat(run("generate", "--prompt", "x ".repeat(600))).isEqualTo(1);
        assertThat(run("generate", "--prompt-ids", "1,512")).isEqualTo(1);
        assertThat(run("generate")).isEqualTo(2);
        assertThat(run("generate", "--prompt", "x", "--prompt-ids", "1")).isEqualTo(2);
        assertThat(console.out()).isEmpty();
        assertThat(console.err())
                .contains("error: max_new_tokens: expected at least 1, found 0")
                .contains("error: temperature: ");
    }

    @Test
    void answersTheGoldenIdsInABatch() throws IOException {
        StringBuilder input = new StringBuilder();
        JsonNode cases = goldenCases();
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < cases.size(); j++) {
                input.append(Json.write(Json.object()
                                .put("id", i + "-" + j)
                                .put("max_new_tokens", 64)
                                .put("temperature", 0)
                                .set("prompt_ids", cases.get(j).get("prompt"))))
                        .append('\n');
            }
        }
        Map<String, JsonNode> answers = byId(batch(input.toString(), "--max-batch", 8));
        assertThat(answers).hasSize(8 * cases.size());
        answers.forEach((id, answer) -> {
            JsonNode example = cases.get(Integer.parseInt(id.substring(2)));
            assertThat(answer.get("ids")).isEqualTo(example.get("greedy"));
            assertThat(answer.get("status").asText()).isEqualTo("SUCCEEDED");
            assertThat(answer.get("usage").get("prompt_tokens").asInt())
                    .isEqualTo(example.get("prompt").size());
            assertThat(answer.get("usage").get("completion_tokens").asInt()).isEqualTo(64);
        });
        assertThat(console.err()).contains(8 * cases.size() + " requests: " + 8 * cases.size() + " succeeded,");
    }

    @Test
    void everyLineHasOneAnswerAndNoneStopsTheOthers() throws IOException {
        Map<String, JsonNode> answers = byId(batch("""
                {"id":"good","prompt":"Once upon a time","max_new_tokens":8,"attributes":{"k":"v"}}
                nonsense
                {"id":"empty","prompt":"","max_new_tokens":4}
                {"id":"long","prompt":"%s"}
                {"id":"zero","prompt":"x","max_new_tokens":0}
                {"id":"billion","prompt":"The","max_new_tokens":1000000000,"ignore_eos":true}
                {"id":"nan","prompt":"x","temperature":NaN}
                {"id":"infinite","prompt":"x","temperature":Infinity}
                {"id":"type","prompt":["x"]}
                {"id":"schema","prompt":"x","json_schema":{"type":"thing"}}
                {"prompt":"no id"}
                {"id":"late","prompt":"x","deadline_ms":-1}
                {"id":"chat","messages":[{"role":"user","content":"Hi"}],"max_new_tokens":3,"logprobs":true}

                {"id":"last","prompt":"Lily","max_new_tokens":5,"top_p":0.9,"temperature":1,"unknown":1}""".formatted("word ".repeat(600))));
        assertThat(answers).hasSize(14);
        assertThat(status(answers, "SUCCEEDED")).containsExactlyInAnyOrder("good", "empty", "billion", "chat", "last");
        assertThat(status(answers, "EXPIRED")).containsExactly("late");
        assertThat(status(answers, "REJECTED"))
                .containsExactlyInAnyOrder("line-2", "long", "zero", "nan", "infinite", "type", "schema", "line-11");
        assertThat(answers.get("line-2").get("error").asText()).startsWith("line 2: not JSON");
        assertThat(answers.get("type").get("error").asText())
                .isEqualTo("line 9: prompt: expected a string, found an array");
        assertThat(answers.get("zero").get("error").asText()).contains("max_new_tokens: expected at least 1, found 0");
        assertThat(answers.get("nan").get("error").asText()).contains("temperature");
        assertThat(answers.get("long").get("error").asText()).contains("prompt");
        assertThat(answers.get("good").get("attributes")).isEqualTo(Json.read("{\"k\":\"v\"}"));
        assertThat(answers.get("good").has("logprobs")).isFalse();
        assertThat(answers.get("chat").get("logprobs")).hasSize(3);
        // BOS, "The", and the rest of the context; the last new token needs no place in it.
        int made = answers.get("billion").get("usage").get("completion_tokens").asInt();
        assertThat(made).isBetween(500, 512);
        assertThat(answers.get("billion").get("finish_reason").asText()).isEqualTo("length");
        assertThat(console.err()).contains("warning: line 15: unknown field \"unknown\" is ignored");
    }

    private static List<String> status(Map<String, JsonNode> answers, String status) {
        return answers.values().stream()
                .filter(answer -> answer.get("status").asText().equals(status))
                .map(answer -> answer.get("id").asText())
                .toList();
    }

    @Test
    void requestsOfTheSameIdAreAllAnswered() throws IOException {
        String line = "{\"id\":\"same\",\"prompt\":\"Once\",\"max_new_tokens\":6,\"temperature\":1}\n";
        List<JsonNode> answers = batch(line.repeat(5));
        assertThat(answers).hasSize(5);
        assertThat(new HashSet<>(
                        answers.stream().map(answer -> answer.get("ids")).toList()))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32", "f16"})
    void neitherOrderNorBatchNorCacheChangeAnAnswer(String kvType) throws IOException {
        StringBuilder input = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            input.append(Json.write(Json.object()
                            .put("id", "r" + i)
                            .put("prompt", i % 3 == 0 ? "Once upon a time, there was a big" : "The cat " + i)
                            .put("max_new_tokens", 4 + i)
                            .put("temperature", i % 2)
                            .put("logprobs", true)))
                    .append('\n');
        }
        List<JsonNode> alone =
                batch(input.toString(), "--kv-type", kvType, "--max-batch", 1, "--no-prefix-cache", "--in-order");
        assertThat(alone)
                .extracting(answer -> answer.get("id").asText())
                .containsExactly(IntStream.range(0, 24).mapToObj(i -> "r" + i).toArray(String[]::new));
        Map<String, JsonNode> expected = withoutCachedTokens(alone);
        assertThat(withoutCachedTokens(batch(input.toString(), "--kv-type", kvType, "--max-batch", 8)))
                .isEqualTo(expected);
        assertThat(withoutCachedTokens(
                        batch(input.toString(), "--kv-type", kvType, "--max-batch", 8, "--shuffle-seed", 3)))
                .isEqualTo(expected);
        assertThat(withoutCachedTokens(batch(
                        input.toString(), "--kv-type", kvType, "--max-batch", 5, "--kernels", "scalar", "--in-order")))
                .isEqualTo(expected);
        assertThat(withoutCachedTokens(batch(
                        input.toString(),
                        "--kv-type",
                        kvType,
                        "--max-batch",
                        16,
                        "--vector-bits",
                        128,
                        "--kv-cache-bytes",
                        "1M")))
                .isEqualTo(expected);
    }

    /** What a shared prefix saved depends on what else ran; nothing else may. */
    private static Map<String, JsonNode> withoutCachedTokens(List<JsonNode> lines) {
        lines.forEach(line -> ((ObjectNode) line.get("usage")).remove("cached_tokens"));
        return byId(lines);
    }

    @Test
    void batchSumsUpAsJson() throws IOException {
        batch("{\"id\":\"a\",\"prompt\":\"Once\",\"max_new_tokens\":6}\n{}\n", "--json");
        JsonNode summary = Json.read(console.out());
        assertThat(summary.get("requests").asInt()).isEqualTo(2);
        assertThat(summary.get("succeeded").asInt()).isEqualTo(1);
        assertThat(summary.get("rejected").asInt()).isEqualTo(1);
        assertThat(summary.get("completion_tokens").asInt()).isEqualTo(6);
    }

    @Test
    void batchSaysWhatCannotWorkBeforeItLoadsTheModel() throws IOException {
        Path in = Files.writeString(folder.resolve("in.jsonl"), "");
        assertThat(run("batch", "--in", in, "--out", in)).isEqualTo(2);
        assertThat(run("batch", "--in", in, "--out", "-", "--json")).isEqualTo(2);
        assertThat(run("batch", "--in", in, "--out", "x", "--in-order", "--shuffle-seed", 1))
                .isEqualTo(2);
        assertThat(run("batch", "--in", folder.resolve("none"), "--out", folder.resolve("x")))
                .isEqualTo(1);
        assertThat(run("batch", "--in", in, "--out", folder.resolve("no/folder")))
                .isEqualTo(1);
        assertThat(run("batch", "--in", in, "--out", folder.resolve("out"), "--max-batch", 0))
                .isEqualTo(2);
        assertThat(run("batch", "--in", in, "--out", folder.resolve("out"), "--vector-bits", 100))
                .isEqualTo(2);
        assertThat(console.err())
                .contains("error: " + folder.resolve("none") + ": no such file or folder")
                .contains("error: " + folder.resolve("no/folder") + ": no such file or folder")
                .contains("error: --max-batch: expected 1 to 4096, found 0")
                .doesNotContain("internal error");
    }
}
