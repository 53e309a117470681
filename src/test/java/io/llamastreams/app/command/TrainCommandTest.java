package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.training.RecipeFile;
import io.llamastreams.training.report.TrainingLog;
import io.llamastreams.training.report.TrainingReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    @TempDir
    Path folder;

    private final CapturedConsole console = new CapturedConsole();

    private int run(Object... arguments) {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return console.run(words);
    }

    @Test
    void makesAModelThatOtherCommandsServe() throws IOException {
        Path out = folder.resolve("tiny");
        assertThat(run("train", "--recipe", "tiny", "--out", out))
                .as(console.err())
                .isZero();
        assertThat(console.err()).contains("pretraining 40/40", "fine-tuning 40/40", "finished", "GFLOP/s");
        List<TrainingReport> reports = TrainingLog.read(out.resolve("training-log.jsonl"));
        // Untrained it is log(512) = 6.2.
        assertThat(reports.getLast().loss()).isLessThan(3.0);
        assertThat(reports.getLast().heldOutLoss().orElseThrow()).isLessThan(3.0);
        assertThat(Files.readString(out.resolve("training-curve.svg"))).startsWith("<svg");
        assertThat(Files.readString(out.resolve("recipe.json"))).isEqualTo(RecipeFile.text("tiny"));
        assertThat(out.resolve("model.gguf")).exists();

        assertThat(run("generate", "--model", out, "--prompt", "My order", "--max-new-tokens", 5, "--json"))
                .as(console.err())
                .isZero();
        // A model so small may say at once that it has no more to say.
        assertThat(Json.read(console.out()).get("ids")).hasSizeBetween(1, 5);
    }

    @Test
    void interruptedByNothingButResumedGivesTheSameFile() throws IOException {
        Path recipe = Files.writeString(
                folder.resolve("recipe.json"),
                RecipeFile.text("tiny").replace("\"steps\": 40", "\"steps\": 6").replace("\"rows\": 3", "\"rows\": 1"));
        Path first = folder.resolve("first");
        assertThat(run("train", "--recipe", recipe, "--out", first, "--threads", 1))
                .as(console.err())
                .isZero();
        Path second = folder.resolve("second");
        assertThat(run("train", "--recipe", recipe, "--out", second, "--threads", 2, "--kernels", "scalar"))
                .as(console.err())
                .isZero();
        assertThat(Files.mismatch(first.resolve("model.gguf"), second.resolve("model.gguf")))
                .isEqualTo(-1);
        assertThat(Files.mismatch(first.resolve("tokenizer.model"), second.resolve("tokenizer.model")))
                .isEqualTo(-1);

        assertThat(run("train", "--recipe", recipe, "--out", first)).isEqualTo(1);
        assertThat(console.err())
                .contains(first + ": expected no run in this folder, found a checkpoint; --resume goes on with it");
        assertThat(run("train", "--recipe", recipe, "--out", first, "--resume"))
                .as(console.err())
                .isZero();
        assertThat(Files.mismatch(first.resolve("model.gguf"), second.resolve("model.gguf")))
                .isEqualTo(-1);
        assertThat(run("train", "--recipe", "tiny", "--out", first, "--resume")).isEqualTo(1);
        assertThat(console.err()).contains("recipe: expected ");
    }

    @Test
    void learnsFromFilesOfTheUsers() throws IOException {
        Path texts = Files.writeString(
                folder.resolve("texts.jsonl"),
                IntStream.range(0, 400)
                        .mapToObj(i -> "{\"text\":\"number " + i + " comes before " + (i + 1)
                                + " as everybody knows who can count, and here are more words\"}\n")
                        .collect(Collectors.joining()));
        Path dialogues = Files.writeString(
                folder.resolve("dialogues.jsonl"),
                IntStream.range(0, 50)
                        .mapToObj(i -> "{\"id\":\"" + i + "\",\"messages\":[{\"role\":\"user\",\"content\":\"after " + i
                                + "\"}],\"expected\":{\"next\":" + (i + 1) + "}}\n")
                        .collect(Collectors.joining()));
        Path recipe = Files.writeString(
                folder.resolve("recipe.json"),
                RecipeFile.text("tiny")
                        .replace("\"vocabulary_size\": 512", "\"vocabulary_size\": 320")
                        .replace("\"steps\": 40", "\"steps\": 6")
                        .replace("\"rows\": 3", "\"rows\": 1"));
        Path out = folder.resolve("out");
        assertThat(run(
                        "train",
                        "--recipe",
                        recipe,
                        "--texts",
                        texts,
                        "--dialogues",
                        dialogues,
                        "--held-out",
                        dialogues,
                        "--out",
                        out))
                .as(console.err())
                .isZero();
        assertThat(TrainingLog.read(out.resolve("training-log.jsonl")).getLast().heldOutLoss())
                .isPresent();

        Path textsOnly = Files.writeString(
                folder.resolve("texts-only.json"),
                Files.readString(recipe)
                        .replaceFirst("(\"fine_tuning\": \\{\"steps\": )6(, \"warmup_steps\": )5", "$10$20"));
        assertThat(run("train", "--recipe", textsOnly, "--texts", texts, "--out", folder.resolve("texts-only")))
                .as(console.err())
                .isZero();

        Path bad = Files.writeString(
                folder.resolve("bad.jsonl"), "{\"id\":\"x\",\"prompt\":\"after 1\",\"expected\":\"2\"}\n");
        assertThat(run("train", "--recipe", recipe, "--texts", texts, "--dialogues", bad, "--out", out, "--resume"))
                .isEqualTo(1);
        assertThat(console.err()).contains(bad + ": x: expected messages, found another prompt");
    }

    @Test
    void saysWhatIsWrongWithARecipe() throws IOException {
        assertThat(run("train", "--recipe", "tinny", "--out", folder)).isEqualTo(1);
        assertThat(console.err()).contains("--recipe: expected a file or one of demo, tiny, found tinny");
        Path recipe = folder.resolve("recipe.json");
        Files.writeString(recipe, RecipeFile.text("tiny").replace("\"layers\": 2", "\"layers\": 0"));
        assertThat(run("train", "--recipe", recipe, "--out", folder)).isEqualTo(1);
        assertThat(console.err()).contains("recipe " + recipe + ": config: layers: expected at least 1, found 0");
        Files.writeString(recipe, RecipeFile.text("tiny").replace("\"layers\": 2,", ""));
        assertThat(run("train", "--recipe", recipe, "--out", folder)).isEqualTo(1);
        assertThat(console.err()).contains("config.layers: Missing creator property 'layers' (index 2)\n");
        Files.writeString(recipe, RecipeFile.text("tiny").replace("\"layers\": 2", "\"layers\": 2, \"depth\": 2"));
        assertThat(run("train", "--recipe", recipe, "--out", folder)).isEqualTo(1);
        assertThat(console.err()).contains("config.depth: Unrecognized field \"depth\"");
        Files.writeString(recipe, "{");
        assertThat(run("train", "--recipe", recipe, "--out", folder)).isEqualTo(1);
        assertThat(console.err()).contains("recipe " + recipe + ": ");
        assertThat(run("train", "--recipe", "tiny", "--dialogues", recipe, "--out", folder))
                .isEqualTo(2);
        assertThat(console.err()).contains("--dialogues, --held-out: expected --texts beside them, found none");
    }
}
