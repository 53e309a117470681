package io.llamastreams.app.command;

import io.llamastreams.app.terminal.Console;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.tensor.kernel.WorkerPool;
import picocli.CommandLine.Option;

/** Which model. Mixed into the commands that must be told. */
final class ModelOption {
    @Option(
            names = "--model",
            required = true,
            paramLabel = ModelSource.LABEL,
            converter = ModelSource.Converter.class,
            description = ModelSource.DESCRIPTION)
    private ModelSource source;

    /** As {@link ModelSource#file()}. */
    ModelSource.ModelFile file() {
        return source.file();
    }

    /** As {@link ModelSource#load}. */
    LoadedModel load(Console console, WeightStorage storage, WorkerPool pool) {
        return source.load(console, storage, pool);
    }

    /** As {@link ModelSource#open}. */
    TextEngine open(Console console, EngineSettings settings) {
        return source.open(console, settings);
    }
}
