package io.llamastreams.app.reproduce;

import io.llamastreams.app.jsonl.RequestLine;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** Finds what was asked for again. One thread. */
public interface PromptSource extends Closeable {

    /** The prompt of a recorded completion; empty if it is no longer there. */
    Optional<RequestLine.Accepted> find(Recorded completion) throws IOException;
}
