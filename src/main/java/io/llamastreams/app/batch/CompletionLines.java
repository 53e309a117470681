package io.llamastreams.app.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.LineageFields;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.session.TextEngine;
import java.io.IOException;

/** Answers as completion lines. One thread. */
public final class CompletionLines implements Answers {
    private final TextEngine engine;
    private final CompletionSink sink;

    /**
     * @param engine that answers; stays the caller's
     * @param sink stays the caller's
     */
    public CompletionLines(TextEngine engine, CompletionSink sink) {
        this.engine = engine;
        this.sink = sink;
    }

    @Override
    public void answer(long index, RequestLine line, Generation generation) throws IOException {
        ObjectNode object = CompletionLine.withIds(generation, line.attributes());
        if (line instanceof RequestLine.Accepted request) {
            LineageFields.of(engine, request).put(object);
        }
        sink.write(index, Json.write(object));
    }

    @Override
    public long indexLimit() {
        return sink.indexLimit();
    }

    @Override
    public void flush() throws IOException {
        sink.flush();
    }
}
