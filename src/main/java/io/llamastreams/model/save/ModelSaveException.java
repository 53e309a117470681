package io.llamastreams.model.save;

import java.nio.file.Path;

/**
 * A model cannot be written: its weights are not numbers, or the file system refuses. The message is one line, which names file
 * and tensor. Nothing is left behind; a file that was in the place is still there.
 */
public final class ModelSaveException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ModelSaveException(Path file, String problem) {
        super(file + ": " + problem);
    }

    ModelSaveException(Path file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }
}
