package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.broker.EmbeddedBroker;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.service.Worker;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.topology.config.TopologyConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Completions of a run through topics, made again by the command. */
@Timeout(180)
class ReproduceIT {
    private static final String REGISTRY = "mock://reproduce";

    /** A prompt of each kind, each with a name of its own. */
    private static final List<String> PROMPTS = List.of(
            "{\"id\":\"greedy\",\"prompt\":\"Once upon a time\",\"max_new_tokens\":40}",
            "{\"id\":\"sampled\",\"prompt\":\"The little dog\",\"max_new_tokens\":40,\"temperature\":0.9,\"logprobs\":2}",
            "{\"id\":\"seeded\",\"prompt\":\"A big bear\",\"max_new_tokens\":30,\"temperature\":1.2,\"seed\":7,\"n\":3}",
            "{\"id\":\"dialogue\",\"messages\":[{\"role\":\"user\",\"content\":\"Tell me of Lily\"}],\"max_new_tokens\":20}",
            "{\"id\":\"label\",\"prompt\":\"Lily was\",\"label\":[\" sad\",\" happy\"]}",
            "{\"id\":\"embed\",\"prompt\":\"Lily was happy\",\"embed\":true}",
            "{\"id\":\"scored\",\"prompt\":\"Tom ran\",\"max_new_tokens\":5,\"prompt_logprobs\":1}",
            "{\"id\":\"choice\",\"prompt\":\"Is the sky blue?\",\"choice\":[\"yes\",\"no\"]}",
            "{\"id\":\"refused\",\"prompt\":\"x\",\"temperature\":-1}");

    @TempDir
    private Path folder;

    private Path model;
    private EmbeddedBroker broker;

    @BeforeEach
    void startBroker() {
        model = TinyModel.f32();
        broker = EmbeddedBroker.startTemporary();
    }

    @AfterEach
    void stopBroker() {
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void completionsComeOutAgainAndWhatIsNotTheSameIsNamed() throws Exception {
        Path prompts = write("prompts.jsonl", PROMPTS);
        Path completions = answered(prompts);
        lineageHasDigestsThatOthersCompute(completions);

        CapturedConsole again = reproduce(0, completions.toString(), "--json");
        assertThat(again.err()).contains("8 equal bit for bit, 0 different");
        assertThat(Json.read(again.out()))
                .isEqualTo(Json.read("{\"checked\":8,\"equal\":8,\"different\":0,\"missing_prompt\":0,"
                        + "\"other_model\":0,\"skipped\":1}"));
        CapturedConsole ofTopic = reproduce(0, "--from-topic", "--id", "sampled", "--timeout", "3s");
        assertThat(ofTopic.err()).contains("1 completions made again: 1 equal");
        reproduce(0, completions.toString(), "--prompts", prompts.toString());

        doctoredOnesAreReportedAtTheRightPlace(completions);
        otherModelsAndPromptsAreNamed(completions);
    }

    private void lineageHasDigestsThatOthersCompute(Path completions) throws Exception {
        String digest = sha256(model);
        for (String line : Files.readAllLines(completions)) {
            JsonNode lineage = Json.read(line).get("lineage");
            assertThat(lineage.get("model_sha256").asText()).isEqualTo(digest);
            assertThat(lineage.get("topic").asText()).isEqualTo("llama.prompts");
            assertThat(lineage.get("offset").asLong()).isNotNegative();
            assertThat(Stream.of("tokenizer_sha256", "parameters_sha256", "prompt_sha256"))
                    .allSatisfy(name -> assertThat(lineage.get(name).asText()).matches("[0-9a-f]{64}"));
        }
    }

    private void doctoredOnesAreReportedAtTheRightPlace(Path completions) throws Exception {
        Map<String, ObjectNode> lines = byId(completions);
        int before = lines.get("greedy").get("ids").get(17).asInt();
        ((ArrayNode) lines.get("greedy").get("ids")).set(17, Json.array().add(1).get(0));
        float logprob = lines.get("sampled").get("logprobs").get(3).floatValue();
        ((ArrayNode) lines.get("sampled").get("logprobs"))
                .set(3, Json.array().add(Math.nextUp(logprob)).get(0));
        int third = lines.get("seeded").get("choices").get(2).get("ids").size();
        ((ArrayNode) lines.get("seeded").get("choices").get(2).get("ids")).add(5);
        String text = lines.get("dialogue").get("text").asText();
        lines.get("dialogue").put("text", text.substring(0, 4) + "~" + text.substring(5));
        double score =
                lines.get("label").get("scores").get(1).get("log_likelihood").asDouble();
        ((ObjectNode) lines.get("label").get("scores").get(1)).put("log_likelihood", Math.nextUp(score));
        ((ArrayNode) lines.get("embed").get("embedding")).remove(9);
        Path doctored =
                write("doctored.jsonl", lines.values().stream().map(Json::write).toList());

        CapturedConsole console = reproduce(1, doctored.toString(), "--json");
        assertThat(console.err())
                .contains("greedy: token 17: expected 1, found " + before)
                .contains(
                        "sampled: log-probability of token 3: expected " + Math.nextUp(logprob) + ", found " + logprob)
                .contains("seeded: choices[2]: token " + third + ": expected 5, found the end")
                .contains("dialogue: text: character 4: expected U+007E, found U+00")
                .contains("label: scores[1].log_likelihood: expected ")
                .contains("embed: embedding[9]: expected ");
        assertThat(Json.read(console.out()).get("different").asInt()).isEqualTo(6);
        assertThat(Json.read(console.out()).get("equal").asInt()).isEqualTo(2);
    }

    private void otherModelsAndPromptsAreNamed(Path completions) throws Exception {
        Path other = TinyModel.file("q8_0");
        CapturedConsole console = run(1, other, completions.toString(), "--json");
        assertThat(console.err())
                .contains("greedy: model: expected " + sha256(model) + ", found " + sha256(other))
                .doesNotContain("tokenizer: expected");
        assertThat(Json.read(console.out()).get("other_model").asInt()).isEqualTo(8);
        assertThat(Json.read(console.out()).get("checked").asInt()).isZero();
        assertThat(Json.read(run(1, other, completions.toString(), "--any-model", "--json")
                                .out())
                        .get("checked")
                        .asInt())
                .isEqualTo(8);
        assertThat(reproduce(1, completions.toString(), "--kv-type", "F16").err())
                .contains("greedy: kv_type: expected f32, found f16");

        List<String> changed = new ArrayList<>(PROMPTS);
        changed.set(0, PROMPTS.get(0).replace("Once", "Twice"));
        changed.set(1, PROMPTS.get(1).replace("0.9", "0.8"));
        changed.remove(2);
        CapturedConsole missing = reproduce(
                1,
                completions.toString(),
                "--prompts",
                write("c.jsonl", changed).toString(),
                "--json");
        assertThat(missing.err())
                .contains("greedy: prompt: expected ")
                .contains("sampled: parameters or chat template: expected ")
                .contains("seeded: prompt: expected it where the lineage says, or in --prompts, found none");
        assertThat(Json.read(missing.out()).get("missing_prompt").asInt()).isEqualTo(2);
        assertThat(Json.read(missing.out()).get("other_model").asInt()).isEqualTo(1);
    }

    @Test
    void completionsOfABatchComeOutAgainAndEarlyEndsAreBeginnings() throws Exception {
        Path prompts = write("prompts.jsonl", PROMPTS);
        Path out = folder.resolve("out.jsonl");
        assertThat(new CapturedConsole()
                        .run(List.of(
                                "batch",
                                "--model=" + model,
                                "--in=" + prompts,
                                "--out=" + out,
                                "--threads=1",
                                "--max-batch=3")))
                .isZero();
        Map<String, ObjectNode> lines = byId(out);
        ObjectNode early = lines.get("greedy");
        early.put("status", "EXPIRED").put("text", "whatever there was").put("finish_reason", (String) null);
        while (early.get("ids").size() > 11) {
            ((ArrayNode) early.get("ids")).remove(11);
        }
        Path completions = write(
                "completions.jsonl", lines.values().stream().map(Json::write).toList());
        List<String> command =
                List.of("reproduce", completions.toString(), "--model=" + model, "--prompts=" + prompts, "--threads=1");
        assertThat(new CapturedConsole().run(command)).isZero();

        ((ArrayNode) early.get("ids")).set(10, Json.array().add(1).get(0));
        write("completions.jsonl", lines.values().stream().map(Json::write).toList());
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(command)).isEqualTo(1);
        assertThat(console.err()).contains("greedy: token 10: expected 1, found ");
    }

    private Path answered(Path prompts) throws Exception {
        Path out = folder.resolve("completions.jsonl");
        assertThat(new CapturedConsole().run(cluster("submit", prompts.toString())))
                .isZero();
        TopologyConfig config = TopologyConfig.of(Map.of(
                "bootstrap.servers",
                broker.bootstrap(),
                "schema.registry.url",
                REGISTRY,
                "llama.model",
                model.toString(),
                "llama.threads",
                "1",
                "llama.kv.cache.bytes",
                "8000000",
                "state.dir",
                folder.resolve("state").toString()));
        try (Worker worker = Worker.start(config)) {
            assertThat(new CapturedConsole().run(cluster("collect", "--out=" + out, "--count=" + PROMPTS.size())))
                    .isZero();
            assertThat(worker.failure()).isEmpty();
        }
        return out;
    }

    private CapturedConsole reproduce(int exitCode, String... more) {
        return run(exitCode, model, more);
    }

    private CapturedConsole run(int exitCode, Path usedModel, String... more) {
        List<String> arguments = new ArrayList<>(cluster("reproduce", more));
        arguments.addAll(List.of("--model=" + usedModel, "--threads=1"));
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(arguments)).as(console.err()).isEqualTo(exitCode);
        return console;
    }

    private List<String> cluster(String command, String... more) {
        return Stream.concat(
                        Stream.of(command, "--bootstrap=" + broker.bootstrap(), "--registry=" + REGISTRY),
                        Stream.of(more))
                .toList();
    }

    private static Map<String, ObjectNode> byId(Path file) throws Exception {
        Map<String, ObjectNode> lines = new java.util.LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            ObjectNode object = (ObjectNode) Json.read(line);
            lines.put(object.get("id").asText(), object);
        }
        return lines;
    }

    private Path write(String name, List<String> lines) throws Exception {
        return Files.write(folder.resolve(name), lines);
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
