package io.llamastreams.app.jsonl;

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
public final class RequestReader implements RequestSource {
    /** Far above the longest context; keeps a file without line ends from filling the memory. */
    public static final int MAX_LINE_BYTES = 64 << 20;

    /** Some editors put it at the start of a file. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final LineReader lines;
    private final RequestParser parser;

    /** Takes over {@code input} and closes it; see {@link RequestParser} for the rest. */
    public RequestReader(InputStream input, InstantSource clock, Consumer<String> warnings) {
        lines = new LineReader(input, MAX_LINE_BYTES);
        parser = new RequestParser(clock, warnings);
    }

    @Override
    public Optional<RequestLine> next() throws IOException {
        while (lines.next()) {
            Optional<RequestLine> line = lines.isTooLong()
                    ? Optional.of(tooLong(lines.number()))
                    : parse(parser, lines.bytes(), lines.number());
            if (line.isPresent()) {
                return line;
            }
        }
        return Optional.empty();
    }

    @Override
    public long lineNumber() {
        return lines.number();
    }

    @Override
    public boolean mayBlock() throws IOException {
        return !lines.isReady();
    }

    static RequestLine tooLong(long lineNumber) {
        return RequestParser.refused(lineNumber, "longer than " + MAX_LINE_BYTES + " bytes");
    }

    /** A line's request, or empty if the line is blank. */
    static Optional<RequestLine> parse(RequestParser parser, ByteBuffer line, long lineNumber) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(line).toString();
            if (lineNumber == 1 && text.startsWith(BYTE_ORDER_MARK)) {
                text = text.substring(BYTE_ORDER_MARK.length());
            }
            return text.isBlank() ? Optional.empty() : Optional.of(parser.parse(text, lineNumber));
        } catch (CharacterCodingException e) {
            return Optional.of(RequestParser.refused(lineNumber, "not UTF-8"));
        }
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
