package io.llamastreams.app.command;

import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.app.training.FileSources;
import io.llamastreams.app.training.RecipeFile;
import io.llamastreams.app.training.TicketSources;
import io.llamastreams.app.training.TrainingRun;
import io.llamastreams.app.training.TrainingSources;
import io.llamastreams.tensor.kernel.TrainingKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.FmaPeak;
import io.llamastreams.tensor.vector.KernelProvider;
import io.llamastreams.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes a model. */
@Command(
        name = "train",
        description = {
            "Make a small Llama 2 model: learn a vocabulary, pre-train on texts, fine-tune on dialogues, write a GGUF file.",
            "",
            "The recipe says everything that decides the model: the same recipe gives the same weights, bit for bit, with any"
                    + " number of threads and however often the run was interrupted. Ctrl-C stops it with a checkpoint."
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams train --recipe tiny --out /tmp/tiny",
            "  llama-streams train --recipe demo --out /tmp/demo",
            "  llama-streams train --recipe demo --out /tmp/demo --resume",
            "  llama-streams train --recipe mine.json --texts texts.jsonl --dialogues dialogues.jsonl --out mine"
        })
public final class TrainCommand implements Callable<Integer>, QuietCommand {
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(60);

    @Option(
            names = "--recipe",
            required = true,
            paramLabel = "NAME|FILE",
            description = "A built-in recipe (demo, tiny), or a file of the same form; \"--print\" shows it.")
    private String recipe;

    @Option(
            names = "--texts",
            paramLabel = "F.jsonl",
            description = "Texts for the vocabulary and for pre-training, a {\"text\"} in a line (default: texts about"
                    + " invented support tickets).")
    private Optional<Path> texts = Optional.empty();

    @Option(
            names = "--dialogues",
            paramLabel = "F.jsonl",
            description =
                    "Dialogues for fine-tuning, lines as for \"eval\": {\"messages\", \"expected\"}; goes with --texts.")
    private Optional<Path> dialogues = Optional.empty();

    @Option(
            names = "--held-out",
            paramLabel = "F.jsonl",
            description = "Dialogues that are only measured; goes with --dialogues.")
    private Optional<Path> heldOut = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description =
                    "Where the model, its tokenizer, the log, the curve and checkpoints go. Made if it is not there.")
    private Path out = Path.of("llama-streams-training");

    @Option(names = "--resume", description = "Go on from the checkpoint in the folder.")
    private boolean resume;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Time between checkpoints (default: ${DEFAULT-VALUE}).",
            defaultValue = "5m")
    private Duration checkpointPause;

    @Option(names = "--print", description = "Print the recipe and do nothing else.")
    private boolean print;

    @Mixin
    private KernelOptions computing;

    @Spec
    private CommandSpec command;

    private final Console console;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        String text = RecipeFile.text(recipe);
        Recipe read = RecipeFile.read(recipe);
        if (print) {
            console.out().print(text);
            return 0;
        }
        Files.createDirectories(out);
        TrainingKernels kernels = KernelProvider.chooseForTraining(computing.kernelChoice());
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                WorkerPool pool = new WorkerPool(computing.threads())) {
            TrainingRun run = new TrainingRun(
                    read, sources(read), out, checkpointPause, console, System::nanoTime, signal::isRaised);
            if (run.hasCheckpoint() != resume) {
                throw new CommandFailure(
                        resume
                                ? out + ": expected a checkpoint to resume from, found none"
                                : out
                                        + ": expected no run in this folder, found a checkpoint; --resume goes on with it");
            }
            TrainingRun.Result result = run.run(text, resume, kernels, pool);
            report(result, FmaPeak.operationsPerSecond(pool, System::nanoTime));
            return result.finished() ? 0 : 1;
        }
    }

    private TrainingSources sources(Recipe read) throws IOException {
        if (texts.isEmpty()) {
            if (dialogues.isPresent() || heldOut.isPresent()) {
                throw usage("--dialogues, --held-out: expected --texts beside them, found none");
            }
            return TicketSources.ofSeed(read.seed());
        }
        if (heldOut.isPresent() && dialogues.isEmpty()) {
            throw usage("--held-out: expected --dialogues beside it, found none");
        }
        if (dialogues.isEmpty() && read.fineTunes()) {
            throw usage("--dialogues: expected a file, since the recipe fine-tunes, found none");
        }
        return FileSources.read(texts.get(), dialogues, heldOut, console::warn);
    }

    private ParameterException usage(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    private void report(TrainingRun.Result result, double peak) {
        String ofPeak = peak == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", %.0f %% of the %.0f that fused multiply-adds reach here",
                        100 * result.operationsPerSecond() / peak,
                        peak / 1e9);
        console.info(String.format(
                Locale.ROOT,
                "%s: %,.0f tokens per second, %.0f GFLOP/s%s",
                result.finished() ? "finished" : "interrupted, --resume goes on",
                result.tokensPerSecond(),
                result.operationsPerSecond() / 1e9,
                ofPeak));
    }
}
