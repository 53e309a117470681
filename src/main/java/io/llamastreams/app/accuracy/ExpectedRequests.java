package io.llamastreams.app.accuracy;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.evaluation.Expected;
import java.io.IOException;
import java.util.Optional;

/** Request lines that must all have an expected answer. One thread. */
public final class ExpectedRequests implements RequestSource {
    private final RequestSource lines;
    private final String name;

    /**
     * Takes over {@code lines} and closes them.
     *
     * @param name of the file, for messages
     */
    public ExpectedRequests(RequestSource lines, String name) {
        this.lines = lines;
        this.name = name;
    }

    /** @throws IOException also if the line has no expected answer; the message names it */
    @Override
    public Optional<RequestLine> next() throws IOException {
        Optional<RequestLine> line = lines.next();
        if (line.isPresent()) {
            check(line.get());
        }
        return line;
    }

    private void check(RequestLine line) throws IOException {
        if (line.expected().isEmpty()) {
            throw new IOException(
                    line instanceof RequestLine.Refused refused
                            ? name + ": " + refused.reason()
                            : bad("expected an object or a string, found nothing"));
        }
        try {
            Expected.of(line.expected().get());
        } catch (IllegalArgumentException e) {
            throw new IOException(bad(e.getMessage()), e);
        }
    }

    private String bad(String problem) {
        return name + ": line " + lines.lineNumber() + ": expected: " + problem;
    }

    @Override
    public long lineNumber() {
        return lines.lineNumber();
    }

    @Override
    public boolean mayBlock() throws IOException {
        return lines.mayBlock();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
