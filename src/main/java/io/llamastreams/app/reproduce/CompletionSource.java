package io.llamastreams.app.reproduce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** Recorded completions as lines, one after the other. One thread. */
public interface CompletionSource extends Closeable {

    /** The next one; empty at the end. */
    Optional<ObjectNode> next() throws IOException;
}
