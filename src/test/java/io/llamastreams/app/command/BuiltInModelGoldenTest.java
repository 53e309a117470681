package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The built-in model was trained here; llama.cpp takes it for the same model. The golden file holds the first test tickets of
 * seed 1 in the chat form: their text, llama.cpp's token ids for it, and its greedy continuation up to EOS, made with the same
 * file by src/jmh/peer/greedy.c (Q8_0; keys and values as f32, no flash attention, one thread; node-llama-cpp 3.22.1).
 */
class BuiltInModelGoldenTest {
    @TempDir
    private Path folder;

    private static JsonNode golden() throws IOException {
        try (InputStream in = BuiltInModelGoldenTest.class.getResourceAsStream("built-in-llama.cpp.json")) {
            return Json.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void readsAndAnswersAsLlamaCppDoes() throws IOException {
        List<String> texts = new ArrayList<>();
        List<String> prompts = new ArrayList<>();
        JsonNode cases = golden().get("cases");
        assertThat(cases).hasSizeGreaterThanOrEqualTo(20);
        for (JsonNode golden : cases) {
            texts.add(Json.write(Json.object().put("text", golden.get("text").asText())));
            ObjectNode prompt =
                    Json.object().put("id", golden.get("id").asText()).put("max_new_tokens", 160);
            prompt.set("prompt_ids", golden.get("prompt_ids"));
            prompts.add(Json.write(prompt));
        }
        Path textFile = Files.write(folder.resolve("texts.jsonl"), texts);
        Path promptFile = Files.write(folder.resolve("prompts.jsonl"), prompts);
        Path out = folder.resolve("out.jsonl");

        CapturedConsole tokens = new CapturedConsole();
        assertThat(tokens.run(
                        List.of("tokenize", "--model", "built-in", "--file", textFile.toString(), "--bos", "--json")))
                .as(tokens.err())
                .isZero();
        List<String> tokenLines = tokens.out().lines().toList();
        CapturedConsole answers = new CapturedConsole();
        assertThat(answers.run(List.of(
                        "batch",
                        "--model",
                        "built-in",
                        "--in",
                        promptFile.toString(),
                        "--out",
                        out.toString(),
                        "--in-order",
                        "--threads",
                        "1")))
                .as(answers.err())
                .isZero();
        List<String> answerLines = Files.readAllLines(out);
        for (int i = 0; i < cases.size(); i++) {
            JsonNode golden = cases.get(i);
            assertThat(Json.read(tokenLines.get(i)).get("ids")).isEqualTo(golden.get("prompt_ids"));
            assertThat(Json.read(answerLines.get(i)).get("ids"))
                    .as(golden.get("id").asText())
                    .isEqualTo(golden.get("ids"));
        }
    }
}
