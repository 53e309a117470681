package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads lines of {@code {"text": ...}}. What is made of them belongs to its line by position alone, so a bad line is an error
 * and not left out. One thread.
 */
public final class TextReader implements Closeable {
    private final LineReader lines;
    private final String name;

    /**
     * Takes over {@code input} and closes it.
     *
     * @param name of the input, for messages
     */
    public TextReader(InputStream input, String name) {
        lines = new LineReader(input, RequestReader.MAX_LINE_BYTES);
        this.name = name;
    }

    /**
     * The next text, blank lines left out; empty at the end.
     *
     * @throws IOException also if a line is no text; the message names it
     */
    public Optional<String> next() throws IOException {
        while (lines.next()) {
            Optional<String> text = current();
            if (text.isPresent()) {
                return text;
            }
        }
        return Optional.empty();
    }

    /** Whether {@link #next} may have to wait for somebody who writes, as at the end of a pipe. */
    public boolean mayBlock() throws IOException {
        return !lines.isReady();
    }

    private Optional<String> current() throws IOException {
        if (lines.isTooLong()) {
            throw bad("longer than " + RequestReader.MAX_LINE_BYTES + " bytes");
        }
        try {
            String line =
                    StandardCharsets.UTF_8.newDecoder().decode(lines.bytes()).toString();
            if (line.isBlank()) {
                return Optional.empty();
            }
            JsonNode json = Json.read(line);
            if (!(json instanceof ObjectNode object)) {
                throw bad("expected a JSON object, found " + Json.describe(json));
            }
            return Optional.of(new Fields(object)
                    .string("text")
                    .orElseThrow(() -> FieldException.expected("text", "a string", "nothing")));
        } catch (CharacterCodingException e) {
            throw bad("not UTF-8");
        } catch (JsonProcessingException e) {
            throw bad("not JSON: " + e.getOriginalMessage());
        } catch (FieldException e) {
            throw bad(e.getMessage());
        }
    }

    private IOException bad(String problem) {
        return new IOException(name + ": line " + lines.number() + ": " + problem);
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
