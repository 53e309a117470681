package io.llamastreams.app.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a request file line by line, holding one line at a time. Blank lines are skipped; a line that is not UTF-8 or longer
 * than {@link #MAX_LINE_BYTES} is refused and the next one read. One thread.
 */
public final class RequestReader implements Closeable {
    /** Far above the longest context; keeps a file without line ends from filling the memory. */
    public static final int MAX_LINE_BYTES = 64 << 20;

    private final LineReader lines;
    private final RequestParser parser;

    /** Takes over {@code input} and closes it; see {@link RequestParser} for the rest. */
    public RequestReader(InputStream input, InstantSource clock, Consumer<String> warnings) {
        lines = new LineReader(input, MAX_LINE_BYTES);
        parser = new RequestParser(clock, warnings);
    }

    /** The next line that is not blank; empty at the end of the file. */
    public Optional<RequestLine> next() throws IOException {
        while (lines.next()) {
            Optional<RequestLine> line = current();
            if (line.isPresent()) {
                return line;
            }
        }
        return Optional.empty();
    }

    private Optional<RequestLine> current() {
        return read(parser, lines);
    }

    /** The line that {@code lines} stands on; empty if it is blank. */
    static Optional<RequestLine> read(RequestParser parser, LineReader lines) {
        long number = lines.number();
        if (lines.isTooLong()) {
            return Optional.of(
                    RequestParser.refused("line-" + number, number, "longer than " + lines.maxBytes() + " bytes"));
        }
        String text;
        try {
            text = decode(lines.bytes());
        } catch (CharacterCodingException e) {
            return Optional.of(RequestParser.refused("line-" + number, number, "not UTF-8"));
        }
        return text.isBlank() ? Optional.empty() : Optional.of(parser.parse(text, number));
    }

    private static String decode(ByteBuffer bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    }

    /** Number of the line that was read last, from 1. */
    public long lineNumber() {
        return lines.number();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
