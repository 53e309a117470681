package io.llamastreams.app.client;

import io.llamastreams.app.terminal.Progress;
import io.llamastreams.topology.record.BatchRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Follows one batch on the topic of batches. One thread. */
public final class BatchFollower implements AutoCloseable {

    /** Short, so that an interruption is noticed soon. */
    private static final Duration POLL = Duration.ofMillis(200);

    private static final int MAX_RECORDS = 10_000;

    private final TopicReader<BatchRecord> reader;
    private final String batchId;
    private final TopicReader.Listener<BatchRecord> listener;
    private Optional<BatchRecord> latest = Optional.empty();

    /**
     * @param reader of the topic from its beginning; closed with this follower
     * @param unreadables hears of records that are no batches
     */
    public BatchFollower(
            TopicReader<BatchRecord> reader, String batchId, CompletionCollector.UnreadableListener unreadables) {
        this.reader = reader;
        this.batchId = batchId;
        listener = new TopicReader.Listener<>() {
            @Override
            public void onValue(BatchRecord batch) {
                if (batch.batchId().equals(batchId)) {
                    latest = Optional.of(batch);
                }
            }

            @Override
            public void onUnreadable(String where, String reason) {
                unreadables.onUnreadable(where, reason);
            }

            // some batch was forgotten; one that is followed has just changed
            @Override
            public void onDeleted(String where) {}
        };
    }

    public String batchId() {
        return batchId;
    }

    /** Looks for news, without waiting longer than this for them. */
    public void poll(Duration timeout) {
        reader.poll(timeout, MAX_RECORDS, listener);
    }

    /** What is known of the batch; empty if nothing is. */
    public Optional<BatchRecord> latest() {
        return latest;
    }

    /**
     * Waits until the batch is complete.
     *
     * @param patience ends it when nothing changed for so long
     * @param interrupted ends it too
     * @return whether it is
     */
    public boolean awaitCompletion(
            Duration patience, LongSupplier nanoClock, BooleanSupplier interrupted, Progress progress) {
        long lastNanos = nanoClock.getAsLong();
        long shown = 0;
        while (latest.flatMap(BatchRecord::completed).isEmpty()) {
            Optional<BatchRecord> before = latest;
            poll(POLL);
            if (!latest.equals(before)) {
                lastNanos = nanoClock.getAsLong();
                BatchRecord now = latest.orElseThrow();
                progress.total(now.total());
                progress.advance(now.ended() - shown);
                shown = now.ended();
            }
            if (interrupted.getAsBoolean() || nanoClock.getAsLong() - lastNanos >= patience.toNanos()) {
                break;
            }
        }
        return latest.flatMap(BatchRecord::completed).isPresent();
    }

    @Override
    public void close() {
        reader.close();
    }
}
