package io.llamastreams.training.report;

import java.nio.file.Path;

/** A line of a training log is none. The message is one line, {@code file: line n: expected X, found Y}, for the user. */
public final class TrainingLogException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_QUOTED_CHARS = 80;

    TrainingLogException(Path file, int line, String found) {
        super(file + ": line " + line + ": expected a report of training, found " + quote(found));
    }

    private static String quote(String found) {
        String quoted = found.length() > MAX_QUOTED_CHARS ? found.substring(0, MAX_QUOTED_CHARS) + "..." : found;
        return quoted.replaceAll("\\p{Cntrl}", "?");
    }
}
