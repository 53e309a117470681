package io.llamastreams.app.demo;

import io.llamastreams.app.service.TemporaryFolder;
import io.llamastreams.app.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The small model that comes with the program, trained on support tickets. It lies in the jar, and is copied to a temporary
 * folder as long as somebody needs its file. Any thread.
 */
public final class BuiltInModel implements AutoCloseable {
    private static final String RESOURCE = "support-tickets.gguf";

    private final TemporaryFolder folder;

    private BuiltInModel(TemporaryFolder folder) {
        this.folder = folder;
    }

    /** Whether this build has one. */
    public static boolean isPresent() {
        return BuiltInModel.class.getResource(RESOURCE) != null;
    }

    /**
     * Copies the model out of the jar.
     *
     * @throws CommandFailure if this build has none
     * @throws UncheckedIOException if it cannot be written
     */
    public static BuiltInModel copy() {
        return copy(RESOURCE);
    }

    static BuiltInModel copy(String resource) {
        try (InputStream input = BuiltInModel.class.getResourceAsStream(resource)) {
            if (input == null) {
                throw new CommandFailure("built-in model: expected the resource " + resource
                        + " in this build, found none: give --model FILE");
            }
            BuiltInModel model = new BuiltInModel(TemporaryFolder.create("llama-streams-model-"));
            boolean complete = false;
            try {
                Files.copy(input, model.path());
                complete = true;
                return model;
            } finally {
                if (!complete) {
                    model.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The copy; gone when this is closed. */
    public Path path() {
        return folder.path().resolve(RESOURCE);
    }

    @Override
    public void close() {
        folder.close();
    }
}
