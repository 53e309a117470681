package io.llamastreams.app.batch;

import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.serving.Generation;
import java.io.IOException;

/** Answers as completion lines. One thread. */
public final class CompletionLines implements Answers {
    private final CompletionSink sink;

    /** @param sink stays the caller's */
    public CompletionLines(CompletionSink sink) {
        this.sink = sink;
    }

    @Override
    public void answer(long index, RequestLine line, Generation generation) throws IOException {
        sink.write(index, CompletionLine.formatWithIds(generation, line.attributes()));
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
