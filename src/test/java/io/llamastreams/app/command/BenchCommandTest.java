package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The form of the figures; how large they are is for benchmarks, not for tests. */
class BenchCommandTest {
    @TempDir
    Path folder;

    private CapturedConsole run(int expectedExitCode, String... more) {
        Path model = RandomModel.tiny().write(folder.resolve("tiny.gguf"));
        CapturedConsole console = new CapturedConsole();
        List<String> words = new java.util.ArrayList<>(
                List.of("bench", "--model", model.toString(), "--threads", "1", "--runs", "1"));
        words.addAll(List.of(more));
        assertThat(console.run(words)).as(console.err()).isEqualTo(expectedExitCode);
        return console;
    }

    @Test
    void printsOneObjectPerFigure() throws IOException {
        CapturedConsole console =
                run(0, "--json", "--prefill", "40", "--decode", "2", "--context", "20", "--batch", "1,3");
        List<String> lines = console.out().lines().toList();
        assertThat(lines).hasSize(3);
        JsonNode prefill = Json.read(lines.get(0));
        assertThat(prefill.get("metric").asText()).isEqualTo("prefill");
        assertThat(prefill.get("tokens").asInt()).isEqualTo(40);
        assertThat(prefill.get("tokens_per_s").asDouble()).isPositive();
        JsonNode decode = Json.read(lines.get(2));
        assertThat(decode.get("metric").asText()).isEqualTo("decode");
        assertThat(decode.get("batch").asInt()).isEqualTo(3);
        assertThat(decode.get("context").asInt()).isEqualTo(20);
        assertThat(decode.get("tokens_per_s").asDouble())
                .isBetween(decode.get("min").asDouble(), decode.get("max").asDouble());
    }

    @Test
    void namesWhatTheModelCannotDo() {
        assertThat(run(1, "--prefill", "129", "--decode", "0").err())
                .contains("tokens of a sequence: expected at most the model's context of 128, found 129");
        assertThat(run(1, "--batch", "0").err()).contains("expected batches of at least 1");
    }
}
