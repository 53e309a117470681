package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Reads completion lines, holding one at a time. Blank lines are skipped. One thread. */
public final class CompletionReader implements Closeable {
    private final Path file;
    private final LineReader lines;

    /**
     * Takes over {@code input} and closes it.
     *
     * @param file that it comes from, for messages
     */
    public CompletionReader(Path file, InputStream input) {
        this.file = file;
        lines = new LineReader(input, RequestReader.MAX_LINE_BYTES);
    }

    /**
     * The next line; empty at the end.
     *
     * @throws IOException also if the line is no JSON object
     */
    public Optional<ObjectNode> next() throws IOException {
        while (lines.next()) {
            String text = StandardCharsets.UTF_8.decode(lines.bytes()).toString();
            if (!text.isBlank()) {
                return Optional.of(object(text));
            }
        }
        return Optional.empty();
    }

    private ObjectNode object(String text) throws IOException {
        try {
            if (!lines.isTooLong() && Json.read(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new IOException(file + ": line " + lines.number() + ": not JSON: " + e.getOriginalMessage(), e);
        }
        throw new IOException(file + ": line " + lines.number() + ": expected a completion, found something else");
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
