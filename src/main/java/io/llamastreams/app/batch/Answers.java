package io.llamastreams.app.batch;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.serving.Generation;
import java.io.IOException;

/** Takes the answers of a run. One thread. */
public interface Answers {

    /**
     * Takes the answer to a request.
     *
     * @param index of the request, counted from 0 in the order in which requests were read
     * @param line the request
     */
    void answer(long index, RequestLine line, Generation generation) throws IOException;

    /** Requests from this index on must wait: too much is held back for those before them. */
    long indexLimit();

    /** Hands everything that can be written to the operating system. */
    void flush() throws IOException;
}
