package io.llamastreams.app.client;

import io.llamastreams.app.jsonl.RequestReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * Where prompts come from: a file of request lines, or standard input.
 *
 * @param name for messages
 * @param source opens it
 * @param lineCount lines in it, blank ones included; -1 if that cannot be known before
 */
public record PromptFile(String name, Source source, long lineCount) {

    /** Opens the bytes of a prompt file. */
    @FunctionalInterface
    public interface Source {
        InputStream open() throws IOException;
    }

    /** A file, read once to count its lines. */
    private static PromptFile of(Path file) throws IOException {
        return of(file.toString(), () -> Files.newInputStream(file));
    }

    /**
     * What a name on the command line means: a file, "-" for standard input, or what can be read once only, such as a pipe.
     *
     * @throws NoSuchFileException if there is nothing of that name
     */
    public static PromptFile named(String name) throws IOException {
        if (name.equals("-")) {
            return ofStream("standard input", System.in);
        }
        Path file = Path.of(name);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(name);
        }
        return Files.isRegularFile(file) ? of(file) : ofStream(name, new FileInputStream(file.toFile()));
    }

    /** A source that can be opened twice: once to count its lines. */
    public static PromptFile of(String name, Source source) throws IOException {
        try (InputStream input = source.open()) {
            return new PromptFile(name, source, countLines(input));
        }
    }

    /** A stream that can be read once only. */
    public static PromptFile ofStream(String name, InputStream input) {
        return new PromptFile(name, () -> input, -1);
    }

    /** @param warnings as {@link io.llamastreams.app.jsonl.RequestParser} gives them */
    public RequestReader open(InstantSource clock, Consumer<String> warnings) throws IOException {
        return new RequestReader(source.open(), clock, warnings);
    }

    private static long countLines(InputStream input) throws IOException {
        byte[] chunk = new byte[1 << 16];
        long lines = 0;
        boolean unended = false;
        for (int length = input.read(chunk); length > 0; length = input.read(chunk)) {
            for (int i = 0; i < length; i++) {
                lines += chunk[i] == '\n' ? 1 : 0;
            }
            unended = chunk[length - 1] != '\n';
        }
        return unended ? lines + 1 : lines;
    }
}
