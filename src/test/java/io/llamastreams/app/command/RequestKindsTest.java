package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All that a request may ask for, from its line to its answer, with a trained model. */
class RequestKindsTest {
    private static final String REQUESTS = """
            {"id":"several","prompt":"Once upon a time","max_new_tokens":12,"temperature":1,"n":3,"logprobs":true}
            {"id":"best","prompt":"Once upon a time","max_new_tokens":12,"temperature":1,"n":2,"best_of":5,"seed":4}
            {"id":"schema","prompt":"Lily","max_new_tokens":80,"json_schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}
            {"id":"json","prompt":"Lily","max_new_tokens":60,"temperature":1,"json_object":true}
            {"id":"regex","prompt":"Lily","max_new_tokens":20,"temperature":1,"regex":"[A-C]{2,4}-[0-9]+"}
            {"id":"choice","prompt":"Lily likes a ","choice":["dog","cat"]}
            {"id":"grammar","prompt":"Lily","max_new_tokens":20,"grammar":"root ::= \\"yes\\" | \\"no\\""}
            {"id":"label","prompt":"Once upon a","label":[" time"," zebra"],"logprobs":2}
            {"id":"continuations","prompt":"Once upon a","continuations":[" time"," zebra"," time"]}
            {"id":"embed","prompt":"Once upon a time","embed":true}
            {"id":"prompt","prompt":"Once upon a time","max_new_tokens":0,"prompt_logprobs":1}
            {"id":"penalties","prompt":"Once","max_new_tokens":40,"frequency_penalty":2,"repetition_penalty":1.5}
            {"id":"biased","prompt":"Once","max_new_tokens":4,"logit_bias":{"362":100},"min_tokens":4}
            {"id":"bad words","prompt":"Once upon a time","max_new_tokens":30,"bad_words":["girl","Lily"]}
            {"id":"endless","prompt":"Once","max_new_tokens":200,"allowed_token_ids":[362],"repetition_detection":{"max_pattern_tokens":4,"repetitions":5}}
            {"id":"no room","prompt":"Lily","max_new_tokens":3,"choice":["elephant"]}
            {"id":"bad schema","prompt":"Lily","json_schema":{"type":"thing"}}
            {"id":"late","prompt":"Lily","deadline_ms":-1}
            """;

    @TempDir
    private Path folder;

    private final CapturedConsole console = new CapturedConsole();

    @Test
    void answersEachKindOfRequest() throws IOException {
        Map<String, JsonNode> answers = batch("--max-batch", "8");
        assertThat(answers).hasSize(18);

        JsonNode several = answers.get("several");
        assertThat(several.get("choices")).hasSize(3);
        assertThat(several.get("text"))
                .isEqualTo(several.at("/choices/0/text"))
                .isNotEqualTo(several.at("/choices/1/text"));
        assertThat(several.at("/choices/2/logprobs")).hasSameSizeAs(several.at("/choices/2/ids"));
        assertThat(several.at("/usage/completion_tokens").asInt()).isEqualTo(36);
        JsonNode best = answers.get("best");
        assertThat(best.get("choices")).hasSize(2);
        assertThat(best.at("/choices/0/cumulative_logprob").asDouble()
                        / best.at("/choices/0/ids").size())
                .isGreaterThanOrEqualTo(best.at("/choices/1/cumulative_logprob").asDouble()
                        / best.at("/choices/1/ids").size());
        assertThat(best.has("logprobs")).isFalse();

        assertThat(Json.read(text(answers, "schema")).get("a").isIntegralNumber())
                .isTrue();
        assertThat(Json.read(text(answers, "json")).isObject()).isTrue();
        assertThat(text(answers, "regex")).matches("[A-C]{2,4}-[0-9]+");
        assertThat(text(answers, "choice")).isIn("dog", "cat");
        assertThat(text(answers, "grammar")).isIn("yes", "no");

        JsonNode label = answers.get("label");
        assertThat(label.get("label").asText()).isEqualTo(" time");
        assertThat(label.at("/scores/0/probability").asDouble()
                        + label.at("/scores/1/probability").asDouble())
                .isCloseTo(1, within(1e-12));
        assertThat(label.at("/scores/0/logprobs"))
                .hasSize(label.at("/scores/0/tokens").asInt());
        assertThat(label.at("/scores/0/top_logprobs/0/ids")).hasSize(2);
        JsonNode scores = answers.get("continuations").get("scores");
        assertThat(scores).hasSize(3);
        assertThat(scores.get(2)).isEqualTo(scores.get(0));
        assertThat(scores.get(0).get("log_likelihood")).isEqualTo(label.at("/scores/0/log_likelihood"));
        assertThat(scores.get(0).get("greedy").asBoolean()).isTrue();
        assertThat(scores.get(0).has("probability")).isFalse();
        assertThat(answers.get("embed").get("embedding")).hasSize(64);

        JsonNode prompt = answers.get("prompt");
        assertThat(prompt.get("prompt_ids")).isEqualTo(Json.read("[1,362,363,264,321]"));
        assertThat(prompt.get("prompt_logprobs")).hasSize(5);
        assertThat(prompt.at("/prompt_logprobs/0").isNull()).isTrue();
        assertThat(prompt.at("/prompt_top_logprobs/4/ids/0").asInt()).isEqualTo(321);
        assertThat(text(answers, "prompt")).isEmpty();

        assertThat(answers.get("biased").get("ids")).isEqualTo(Json.read("[362,362,362,362]"));
        assertThat(text(answers, "bad words")).doesNotContain("Lily").doesNotContain("girl");
        assertThat(answers.get("endless").get("finish_reason").asText()).isEqualTo("repetition");
        assertThat(answers.get("endless").get("ids")).hasSize(5);

        assertThat(error(answers, "no room", "REJECTED")).contains("max_new_tokens: expected at least the 8 tokens");
        assertThat(error(answers, "bad schema", "REJECTED")).startsWith("json_schema: $.type");
        assertThat(error(answers, "late", "EXPIRED")).isEqualTo("deadline_ms: the deadline has passed");
    }

    @Test
    void neitherBatchNorDraftsChangeAnAnswer() throws IOException {
        Map<String, JsonNode> alone = withoutCachedTokens(batch("--max-batch", "1", "--no-prefix-cache"));
        assertThat(withoutCachedTokens(batch("--max-batch", "16", "--shuffle-seed", "5")))
                .isEqualTo(alone);
        assertThat(withoutCachedTokens(batch("--max-batch", "4", "--draft-tokens", "6")))
                .isEqualTo(alone);
    }

    @Test
    void generateTakesTheSameOptions() throws IOException {
        assertThat(generate("--prompt", "Once upon a", "--label", " time", "--label", " zebra", "--json"))
                .isZero();
        assertThat(Json.read(console.out()).get("label").asText()).isEqualTo(" time");

        CapturedConsole several = new CapturedConsole();
        assertThat(generate(several, "--prompt", "Once", "--temperature", "1", "--n", "2", "--max-new-tokens", "4"))
                .isZero();
        assertThat(several.out().lines().toList()).hasSize(2).first().asString().startsWith("0: ");

        CapturedConsole choice = new CapturedConsole();
        assertThat(generate(choice, "--prompt", "A", "--choice", "dog", "--choice", "cat"))
                .isZero();
        assertThat(choice.out().strip()).isIn("dog", "cat");

        CapturedConsole all = new CapturedConsole();
        assertThat(generate(
                        all,
                        "--prompt",
                        "Once",
                        "--logit-bias",
                        "362=100,404=-3.5",
                        "--min-tokens",
                        "2",
                        "--max-new-tokens",
                        "2",
                        "--top-logprobs",
                        "3",
                        "--prompt-logprobs",
                        "0",
                        "--repetition-detection",
                        "8,8",
                        "--bad-words",
                        "zebra",
                        "--typical-p",
                        "0.9",
                        "--deadline-ms",
                        "60000",
                        "--draft-tokens",
                        "4",
                        "--json"))
                .as(all.err())
                .isZero();
        JsonNode line = Json.read(all.out());
        assertThat(line.get("ids")).isEqualTo(Json.read("[362,362]"));
        assertThat(line.at("/top_logprobs/1/ids")).hasSize(3);
        assertThat(line.get("prompt_logprobs")).hasSize(2);

        Path template = Files.writeString(
                folder.resolve("chat.jinja"), "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}");
        CapturedConsole chat = new CapturedConsole();
        assertThat(generate(
                        chat,
                        "--system",
                        "Once upon",
                        "--user",
                        " a time",
                        "--chat-template",
                        template.toString(),
                        "--json",
                        "--max-new-tokens",
                        "1"))
                .as(chat.err())
                .isZero();
        assertThat(Json.read(chat.out()).get("prompt_ids")).isEqualTo(Json.read("[1,362,363,264,321]"));

        CapturedConsole wrong = new CapturedConsole();
        assertThat(generate(wrong, "--prompt", "x", "--system", "y")).isEqualTo(2);
        assertThat(generate(wrong, "--prompt", "x", "--regex", "a", "--json-object"))
                .isEqualTo(2);
        assertThat(generate(wrong, "--prompt", "x", "--embed", "--label", "a")).isEqualTo(2);
        assertThat(generate(wrong, "--prompt", "x", "--repetition-detection", "8"))
                .isEqualTo(2);
        assertThat(generate(wrong, "--prompt", "x", "--regex", "(")).isEqualTo(1);
        assertThat(wrong.err()).contains("error: regex: at ");
    }

    private int generate(String... options) {
        return generate(console, options);
    }

    private static int generate(CapturedConsole console, String... options) {
        List<String> words = new ArrayList<>(List.of("generate", "--threads", "1", "--model"));
        words.add(TinyModel.f32().toString());
        words.addAll(List.of(options));
        return console.run(words);
    }

    private Map<String, JsonNode> batch(String... options) throws IOException {
        Path in = Files.writeString(folder.resolve("in.jsonl"), REQUESTS);
        Path out = folder.resolve("out.jsonl");
        List<String> words = new ArrayList<>(List.of("batch", "--threads", "1", "--model"));
        words.addAll(List.of(TinyModel.f32().toString(), "--in", in.toString(), "--out", out.toString()));
        words.addAll(List.of(options));
        assertThat(console.run(words)).as(console.err()).isZero();
        Map<String, JsonNode> answers = new LinkedHashMap<>();
        for (String line : Files.readAllLines(out)) {
            JsonNode answer = Json.read(line);
            assertThat(answers.put(answer.get("id").asText(), answer)).isNull();
        }
        return answers;
    }

    private static Map<String, JsonNode> withoutCachedTokens(Map<String, JsonNode> answers) {
        answers.values().forEach(answer -> ((ObjectNode) answer.get("usage")).remove("cached_tokens"));
        return answers;
    }

    private static String text(Map<String, JsonNode> answers, String id) {
        assertThat(answers.get(id).get("status").asText()).as(id).isEqualTo("SUCCEEDED");
        return answers.get(id).get("text").asText();
    }

    private static String error(Map<String, JsonNode> answers, String id, String status) {
        assertThat(answers.get(id).get("status").asText()).as(id).isEqualTo(status);
        return answers.get(id).get("error").asText();
    }
}
