package io.llamastreams.app.reproduce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.client.Completions;
import io.llamastreams.app.client.TopicReader;
import io.llamastreams.topology.record.CompletionRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BiConsumer;

/** Completions of their topic, from its beginning until none comes for some time. One thread. */
public final class TopicCompletions implements CompletionSource {
    private static final int MAX_RECORDS = 1000;

    private final TopicReader<CompletionRecord> reader;
    private final Duration patience;
    private final BiConsumer<String, String> unreadable;
    private final Queue<ObjectNode> read = new ArrayDeque<>();

    /**
     * @param reader closed with this
     * @param unreadable hears of records that are no completions: where, and why
     */
    public TopicCompletions(
            TopicReader<CompletionRecord> reader, Duration patience, BiConsumer<String, String> unreadable) {
        this.reader = reader;
        this.patience = patience;
        this.unreadable = unreadable;
    }

    @Override
    public Optional<ObjectNode> next() {
        int received = 1;
        while (read.isEmpty() && received > 0) {
            received = reader.poll(patience, MAX_RECORDS, new TopicReader.Listener<CompletionRecord>() {
                @Override
                public void onValue(CompletionRecord completion) {
                    read.add(Completions.object(completion));
                }

                @Override
                public void onUnreadable(String where, String reason) {
                    unreadable.accept(where, reason);
                }
            });
        }
        return Optional.ofNullable(read.poll());
    }

    @Override
    public void close() {
        reader.close();
    }
}
