package io.llamastreams.app.command;

import io.llamastreams.app.demo.BuiltInModel;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.engine.request.EngineSettingsException;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;

/** What stands behind {@code --model}: a path, or the name of the built-in model. Any thread. */
final class ModelSource {
    /** A file of this name is reached as {@code ./built-in}. */
    static final String BUILT_IN_NAME = "built-in";

    static final ModelSource BUILT_IN = new ModelSource(BUILT_IN_NAME);

    static final String LABEL = "FILE|FOLDER|" + BUILT_IN_NAME;
    static final String DESCRIPTION = "The model: a GGUF file, or a folder with one; \"" + BUILT_IN_NAME
            + "\" is the small one that comes with the program and reads support tickets.";

    private final String name;

    private ModelSource(String name) {
        this.name = name;
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<ModelSource> {
        @Override
        public ModelSource convert(String value) {
            return new ModelSource(value);
        }
    }

    boolean isBuiltIn() {
        return name.equals(BUILT_IN_NAME);
    }

    /** The model's file, for as long as the result is open. */
    ModelFile file() {
        if (!isBuiltIn()) {
            return new ModelFile(Path.of(name), Optional.empty());
        }
        BuiltInModel copy = BuiltInModel.copy();
        return new ModelFile(copy.path(), Optional.of(copy));
    }

    /** A file or folder, which goes away with this if it is a copy. */
    record ModelFile(Path path, Optional<BuiltInModel> copy) implements AutoCloseable {
        @Override
        public void close() {
            copy.ifPresent(BuiltInModel::close);
        }
    }

    /** Loads the model, showing how far it is; the caller closes it. */
    LoadedModel load(Console console, WeightStorage storage, WorkerPool pool) {
        try (ModelFile file = file()) {
            return showing(console, progress -> ModelLoader.load(file.path(), storage, pool, progress));
        }
    }

    /**
     * Loads the model and starts an engine with it, showing how far it is; the caller closes it.
     *
     * @throws CommandFailure if the settings do not fit the model or the machine
     */
    TextEngine open(Console console, EngineSettings settings) {
        try (ModelFile file = file()) {
            return showing(console, progress -> TextEngine.open(file.path(), settings, System::nanoTime, progress));
        } catch (EngineSettingsException e) {
            throw new CommandFailure(SettingFlags.message(e), e);
        }
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
