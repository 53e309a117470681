package io.llamastreams.app.accuracy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.batch.Answers;
import io.llamastreams.app.batch.CompletionSink;
import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.evaluation.Expected;
import io.llamastreams.evaluation.Verdict;
import io.llamastreams.serving.Generation;
import java.io.IOException;

/** Judges the answers of a run and writes them as completion lines with what was expected and what was found. One thread. */
public final class JudgedLines implements Answers {
    private final Judge judge;
    private final CompletionSink sink;

    /**
     * @param judge hears of each answer; its line must have an expected one
     * @param sink stays the caller's
     */
    public JudgedLines(Judge judge, CompletionSink sink) {
        this.judge = judge;
        this.sink = sink;
    }

    @Override
    public void answer(long index, RequestLine line, Generation generation) throws IOException {
        JsonNode expected = line.expected().orElseThrow();
        Verdict verdict = judge.judge(index, line.question(), Expected.of(expected), generation);
        ObjectNode json = CompletionLine.withIds(generation, line.attributes());
        json.set("expected", expected);
        AccuracyJson.put(json, verdict);
        sink.write(index, Json.write(json));
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
