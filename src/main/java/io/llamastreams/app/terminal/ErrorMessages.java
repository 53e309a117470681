package io.llamastreams.app.terminal;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Errors as one line for people. */
public final class ErrorMessages {

    private ErrorMessages() {}

    /** What went wrong, in one line: wrappers taken off, files named, our own bugs called so. */
    public static String oneLine(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null
                && (cause instanceof UncheckedIOException
                        || cause instanceof ExecutionException
                        || cause instanceof CompletionException)) {
            cause = cause.getCause();
        }
        return describe(cause).strip().replaceAll("\\s*\\R\\s*", " | ");
    }

    private static String describe(Throwable error) {
        return switch (error) {
            case NoSuchFileException e -> e.getFile() + ": no such file or folder";
            case AccessDeniedException e -> e.getFile() + ": access denied";
            case FileAlreadyExistsException e -> e.getFile() + ": already exists";
            case NotDirectoryException e -> e.getFile() + ": expected a folder";
            case DirectoryNotEmptyException e -> e.getFile() + ": folder is not empty";
            case FileSystemException e ->
                e.getFile() + ": " + (e.getReason() == null ? "cannot be used" : e.getReason());
            case OutOfMemoryError e ->
                "out of memory (" + e.getMessage() + "): give Java more with -Xmx, or lower --kv-cache-bytes";
            case NullPointerException e -> bug(e);
            case IndexOutOfBoundsException e -> bug(e);
            case ClassCastException e -> bug(e);
            case IllegalStateException e -> bug(e);
            default -> error.getMessage() == null ? error.getClass().getName() : error.getMessage();
        };
    }

    private static String bug(Throwable error) {
        return "internal error, please report it with the output of --verbose: "
                + error.getClass().getSimpleName() + ": " + error.getMessage();
    }
}
