package io.llamastreams.app.command;

import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.serving.EngineSettings;
import io.llamastreams.serving.TextEngine;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Which model. Mixed into the commands that run one. */
final class ModelOption {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "FILE|FOLDER",
            description = "The model: a GGUF file, or a folder with one.")
    private Path path;

    Path path() {
        return path;
    }

    /** Loads the model, showing how far it is; the caller closes it. */
    LoadedModel load(Console console, WorkerPool pool) {
        return showing(console, progress -> ModelLoader.load(path, pool, progress));
    }

    /** Loads the model and starts an engine with it, showing how far it is; the caller closes it. */
    TextEngine open(Console console, EngineSettings settings) {
        return showing(console, progress -> TextEngine.open(path, settings, System::nanoTime, progress));
    }

    private static <T> T showing(Console console, Function<ModelLoader.Progress, T> load) {
        try (Progress progress = console.progress("loading", -1, "MB")) {
            long[] shownMegabytes = new long[1];
            return load.apply((done, total) -> {
                progress.total(total >> 20);
                progress.advance((done >> 20) - shownMegabytes[0]);
                shownMegabytes[0] = done >> 20;
            });
        }
    }
}
