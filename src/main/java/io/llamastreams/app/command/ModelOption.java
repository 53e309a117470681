package io.llamastreams.app.command;

import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.nio.file.Path;
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
        try (Progress progress = console.progress("loading", -1, "MB")) {
            long[] shownMegabytes = new long[1];
            return ModelLoader.load(path, pool, (done, total) -> {
                progress.total(total >> 20);
                progress.advance((done >> 20) - shownMegabytes[0]);
                shownMegabytes[0] = done >> 20;
            });
        }
    }
}
