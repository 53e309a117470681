package io.llamastreams.app.training;

import java.nio.file.Path;

/** The files of a training run. */
record RunFolder(Path folder) {

    /** The model as it was when the run ended or was interrupted. */
    Path model() {
        return folder.resolve("model.gguf");
    }

    /** The vocabulary alone, for other tools. */
    Path tokenizer() {
        return folder.resolve("tokenizer.model");
    }

    /** What {@code --resume} goes on from. */
    Path checkpoint() {
        return folder.resolve("checkpoint.bin");
    }

    /** A line of JSON for each report. */
    Path log() {
        return folder.resolve("training-log.jsonl");
    }

    Path curve() {
        return folder.resolve("training-curve.svg");
    }

    /** The recipe as it was given. */
    Path recipe() {
        return folder.resolve("recipe.json");
    }
}
