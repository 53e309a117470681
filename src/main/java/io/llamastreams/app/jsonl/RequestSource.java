package io.llamastreams.app.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** Request lines, one after the other. One thread. */
public interface RequestSource extends Closeable {

    /** The next line that is not blank; empty at the end. */
    Optional<RequestLine> next() throws IOException;

    /** Number of the line that was read last, from 1. */
    long lineNumber();

    /** Whether {@link #next} may have to wait for somebody who writes, as at the end of a pipe. */
    boolean mayBlock() throws IOException;
}
