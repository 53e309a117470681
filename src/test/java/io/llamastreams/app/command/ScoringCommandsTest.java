package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.tokenizer.LargeVocabulary;
import io.llamastreams.tokenizer.SentencePieceModel;
import io.llamastreams.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what llama.cpp and SentencePiece found; each golden file says how it was made. */
class ScoringCommandsTest {
    @TempDir
    Path folder;

    private static JsonNode golden(String name) throws IOException {
        return Json.read(Files.readString(TinyModel.golden(name)));
    }

    /** Standard output of a command that succeeds. */
    private static String run(Object... arguments) {
        CapturedConsole console = new CapturedConsole();
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        assertThat(console.run(words)).as(console.err()).isZero();
        return console.out();
    }

    private static JsonNode runJson(Object... arguments) throws IOException {
        return Json.read(run(arguments));
    }

    private static String commaSeparated(JsonNode ids) {
        List<String> words = new ArrayList<>();
        ids.forEach(id -> words.add(id.asText()));
        return String.join(",", words);
    }

    @Test
    void logitsAreWithinAThousandthOfTheGolden() throws IOException {
        Path model = TinyModel.f32();
        for (JsonNode example : golden("logits").get("cases")) {
            JsonNode logits = runJson(
                            "logits", "--model", model, "--prompt-ids", commaSeparated(example.get("prompt")), "--json")
                    .get("logits");
            assertThat(logits).hasSameSizeAs(example.get("logits"));
            for (int i = 0; i < logits.size(); i++) {
                assertThat(logits.get(i).asDouble())
                        .isEqualTo(example.get("logits").get(i).asDouble(), offset(1e-3));
            }
        }
    }

    @Test
    void logitsForPeopleShowTheLikeliestFirst() {
        assertThat(run("logits", "--model", TinyModel.f32(), "--prompt-ids", "1,362")
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElseThrow())
                .contains("363", "\u2581upon");
    }

    @Test
    void tokenIdsAreThoseOfTheGolden() throws IOException {
        Path model = TinyModel.f32();
        for (JsonNode example : golden("tokens").get("cases")) {
            String text = example.get("text").asText();
            assertThat(runJson("tokenize", "--model", model, "--text", text, "--bos", "--json")
                            .get("ids"))
                    .as(text)
                    .isEqualTo(example.get("ids"));
        }
    }

    @Test
    void tokenizesAFileOfTextsWithABareTokenizer() throws IOException {
        List<String> texts = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (JsonNode example : golden("tokens").get("cases")) {
            texts.add(Json.write(Json.object().put("text", example.get("text").asText())));
            ArrayNode withoutBos = Json.array();
            example.get("ids").forEach(withoutBos::add);
            withoutBos.remove(0);
            expected.add(Json.write(Json.object().set("ids", withoutBos)));
        }
        Path file = Files.write(folder.resolve("texts.jsonl"), texts);
        List<String> lines = run("tokenize", "--model", TinyModel.tokenizer(), "--file", file, "--json")
                .lines()
                .toList();
        assertThat(expected).hasSizeGreaterThan(10);
        assertThat(lines).isEqualTo(expected);
    }

    @Test
    void everyArgumentIsAText() throws IOException {
        Path model = LargeVocabulary.file();
        Tokenizer tokenizer = new Tokenizer(SentencePieceModel.read(model));
        Path existing = Files.writeString(folder.resolve("arguments"), "--bos");
        for (String text : List.of(
                "",
                " ",
                "-",
                "-5",
                "--json",
                "--help",
                "- item",
                "@" + existing,
                "@@x",
                "a=b",
                "'a'",
                "\"a\"",
                "${x}",
                "a,b",
                "\\n",
                "\n")) {
            assertThat(runJson("tokenize", "--model", model, "--text", text, "--json")
                            .get("ids"))
                    .as(text)
                    .isEqualTo(Json.array(tokenizer.encode(text)));
        }
    }

    @Test
    void findsTheTokenizerOfAFolder() throws IOException {
        Files.copy(TinyModel.tokenizer(), folder.resolve("tokenizer.model"));
        assertThat(run("tokenize", "--model", folder, "--text", "Once", "--pieces"))
                .isEqualTo("\u2581Once\n");
    }

    @Test
    void stopsAtALineThatIsNoTextAndNamesIt() throws IOException {
        Path texts = Files.writeString(folder.resolve("t.jsonl"), "{\"text\":\"a\"}\n\n{\"text\":5}\n");
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(List.of("tokenize", "--model", TinyModel.f32().toString(), "--file", texts.toString())))
                .isEqualTo(1);
        assertThat(console.err()).isEqualTo("error: " + texts + ": line 3: text: expected a string, found 5\n");
    }

    @Test
    void likelihoodsAreThoseOfTheGoldenInEveryFormat() throws IOException {
        JsonNode example = golden("nll").get("cases").get(0);
        Path text = Files.writeString(
                folder.resolve("text.txt"), example.get("text").asText());
        for (String format : List.of("f32", "f16", "q8_0", "q4_0")) {
            JsonNode result = runJson("perplexity", "--model", TinyModel.file(format), "--file", text, "--json");
            double nll = example.get("nll").get(format).asDouble();
            assertThat(result.get("tokens").asInt())
                    .isEqualTo(example.get("tokens").asInt());
            assertThat(result.get("nll").asDouble())
                    .as(format)
                    .isCloseTo(nll, withinPercentage(format.startsWith("q") ? 1 : 0.1));
            assertThat(result.get("ppl").asDouble())
                    .isEqualTo(Math.exp(
                            result.get("nll").asDouble() / result.get("tokens").asInt()));
        }
    }

    @Test
    void keysAndValuesInHalvesBarelyChangeALikelihood() throws IOException {
        JsonNode example = golden("nll").get("cases").get(0);
        Path text = Files.writeString(
                folder.resolve("text.txt"), example.get("text").asText());
        Object[] words = {"perplexity", "--model", TinyModel.f32(), "--file", text, "--json"};
        Object[] inHalves = Arrays.copyOf(words, words.length + 2);
        inHalves[words.length] = "--kv-type";
        inHalves[words.length + 1] = "f16";
        double floats = runJson(words).get("nll").asDouble();
        double halves = runJson(inHalves).get("nll").asDouble();
        assertThat(halves).isNotEqualTo(floats).isCloseTo(floats, withinPercentage(0.01));
    }

    @Test
    void aTextLongerThanTheContextIsTheSumOfItsWindows() throws IOException {
        Path model = TinyModel.f32();
        JsonNode example = golden("nll").get("cases").get(0);
        String text = example.get("text").asText();
        Path file = Files.writeString(folder.resolve("text.txt"), text);
        JsonNode whole = runJson("perplexity", "--model", model, "--file", file, "--threads", 1, "--json");
        JsonNode windows =
                runJson("perplexity", "--model", model, "--file", file, "--context", 11, "--threads", 1, "--json");
        assertThat(windows.get("tokens")).isEqualTo(whole.get("tokens"));
        assertThat(windows.get("nll").asDouble()).isGreaterThan(whole.get("nll").asDouble());

        double sum = 0;
        JsonNode ids = example.get("ids");
        for (int from = 1; from < ids.size(); from += 10) {
            double[] nll = new double[1];
            StringBuilder window = new StringBuilder("1");
            for (int i = from; i < Math.min(ids.size(), from + 10); i++) {
                nll[0] += surprise(model, window.toString(), ids.get(i).asInt());
                window.append(',').append(ids.get(i).asInt());
            }
            sum += nll[0];
        }
        assertThat(windows.get("nll").asDouble()).isEqualTo(sum, offset(1e-3));

        Path longer = Files.writeString(folder.resolve("long.txt"), (text + " ").repeat(6));
        assertThat(runJson("perplexity", "--model", model, "--file", longer, "--threads", 1, "--json")
                        .get("tokens")
                        .asInt())
                .isGreaterThan(512);
    }

    private static double surprise(Path model, String ids, int next) throws IOException {
        JsonNode logits = runJson("logits", "--model", model, "--prompt-ids", ids, "--threads", 1, "--json")
                .get("logits");
        double sum = 0;
        for (JsonNode logit : logits) {
            sum += Math.exp(logit.asDouble());
        }
        return Math.log(sum) - logits.get(next).asDouble();
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32", "f16"})
    void kernelsAndThreadsDoNotChangeABitOfTheLogits(String kvType) {
        Path model = TinyModel.file("q4_0");
        List<List<Object>> ways = List.of(
                List.of("--threads", 1),
                List.of("--threads", 2),
                List.of("--kernels", "scalar"),
                List.of("--kernels", "vector", "--vector-bits", 128),
                List.of("--kernels", "vector", "--vector-bits", 256),
                List.of("--kernels", "vector", "--vector-bits", 512));
        assertThat(ways.stream()
                        .map(way -> {
                            List<Object> words = new ArrayList<>(
                                    List.of("logits", "--model", model, "--prompt-ids", "1,362,363,264,321", "--json"));
                            words.addAll(way);
                            words.addAll(List.of("--kv-type", kvType));
                            return run(words.toArray());
                        })
                        .collect(Collectors.toSet()))
                .hasSize(1);
    }

    @Test
    void refusesIdsThatTheModelDoesNotHave() {
        String model = TinyModel.f32().toString();
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(List.of("logits", "--model", model, "--prompt-ids", "1,512")))
                .isEqualTo(1);
        assertThat(console.run(List.of("logits", "--model", model, "--prompt-ids", "-1")))
                .isEqualTo(1);
        assertThat(console.run(List.of("logits", "--model", model, "--prompt-ids", "1,".repeat(513) + "1")))
                .isEqualTo(1);
        assertThat(console.run(List.of("logits", "--model", model, "--prompt-ids", "one")))
                .isEqualTo(2);
        assertThat(console.run(List.of("logits", "--model", model))).isEqualTo(2);
        assertThat(console.err())
                .contains("token id: expected 0 to 511, found 512")
                .contains("token id: expected 0 to 511, found -1")
                .contains("token ids: expected 1 to 512, found 514");
    }

    @Test
    void inspectTellsShapeAndMemory() throws IOException {
        JsonNode found = runJson("inspect", "--model", TinyModel.file("q8_0"), "--kv-cache-bytes", "9600K", "--json");
        assertThat(found.get("config").get("context_length").asInt()).isEqualTo(512);
        assertThat(found.get("tensors")).hasSize(47);
        // 5 layers, 4 KV heads of 8, keys and values, f32; 512 positions in whole blocks.
        assertThat(found.get("memory").get("kv_bytes_per_token").asInt()).isGreaterThanOrEqualTo(5 * 4 * 8 * 2 * 4);
        assertThat(found.get("memory").get("sequences_that_fit").asLong())
                .isEqualTo(9600L
                        * 1024
                        / found.get("memory").get("kv_bytes_per_sequence").asLong());
        assertThat(found.get("memory").get("kv_type").asText()).isEqualTo("f32");
        JsonNode halves = runJson(
                        "inspect",
                        "--model",
                        TinyModel.file("q8_0"),
                        "--kv-cache-bytes",
                        "9600K",
                        "--kv-type",
                        "f16",
                        "--json")
                .get("memory");
        assertThat(halves.get("kv_type").asText()).isEqualTo("f16");
        assertThat(2 * halves.get("kv_bytes_per_token").asInt())
                .isEqualTo(found.get("memory").get("kv_bytes_per_token").asInt());
        assertThat(halves.get("sequences_that_fit").asLong())
                .isEqualTo(2 * found.get("memory").get("sequences_that_fit").asLong());
        assertThat(run("inspect", "--model", TinyModel.file("q8_0"), "--tensors"))
                .contains("context               512 tokens", "blk.4.ffn_down.weight");
    }
}
