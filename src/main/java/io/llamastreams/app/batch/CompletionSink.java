package io.llamastreams.app.batch;

import java.io.Closeable;
import java.io.IOException;

/** Takes completion lines. One thread. */
public interface CompletionSink extends Closeable {

    /**
     * Takes the answer to a request.
     *
     * @param index of the request, counted from 0 in the order in which requests were read
     * @param line without a line end
     */
    void write(long index, String line) throws IOException;

    /** Requests from this index on must wait: too much is held back for those before them. */
    default long indexLimit() {
        return Long.MAX_VALUE;
    }

    /** Hands everything that can be written to the operating system. */
    void flush() throws IOException;
}
