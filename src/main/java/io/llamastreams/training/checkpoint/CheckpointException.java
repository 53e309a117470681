package io.llamastreams.training.checkpoint;

import java.nio.file.Path;

/**
 * A checkpoint file cannot be used: it is no checkpoint, is damaged, or belongs to another run. The message is one line,
 * {@code file: thing: expected X, found Y}, for the user, who chooses another file or begins anew.
 */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CheckpointException(Path file, String thing, Object expected, Object found) {
        super(file + ": " + thing + ": expected " + expected + ", found " + found);
    }
}
