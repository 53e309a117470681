package io.llamastreams.app.client;

import io.llamastreams.app.terminal.Progress;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.CompletionRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Writes completions as lines of JSON until there are enough, a batch is complete, or none came for some time. Main thread. */
public final class CompletionCollector {

    /** Short, so that an interruption is noticed soon. */
    private static final Duration POLL = Duration.ofMillis(200);

    private static final int MAX_RECORDS = 10_000;

    /** Why collecting ended. */
    public enum End {
        COUNT_REACHED,
        BATCH_COMPLETE,
        NOTHING_CAME,
        INTERRUPTED
    }

    /**
     * What was collected.
     *
     * @param lines completions that were written
     * @param unreadable records that were skipped
     */
    public record Result(long lines, long unreadable, End end) {}

    /** Hears of records that are no completions. */
    @FunctionalInterface
    public interface UnreadableListener {
        void onUnreadable(String where, String reason);
    }

    private final TopicReader<CompletionRecord> reader;
    private final Writer out;
    private final UnreadableListener unreadables;
    private final Progress progress;
    private final Optional<BatchFollower> batch;
    private long lines;
    private long unreadable;

    /**
     * @param batch whose completions alone are collected, until it is complete; stays the caller's. Empty for all there are
     * @param out stays the caller's; flushed after each poll that brought records
     */
    public CompletionCollector(
            TopicReader<CompletionRecord> reader,
            Optional<BatchFollower> batch,
            Writer out,
            UnreadableListener unreadables,
            Progress progress) {
        this.batch = batch;
        this.reader = reader;
        this.out = out;
        this.unreadables = unreadables;
        this.progress = progress;
    }

    /**
     * Collects.
     *
     * @param count how many; empty for all that come
     * @param patience ends it when no record came for so long
     * @param afterBatch run when lines are safely written, such as a group's commit
     */
    public Result run(
            OptionalLong count,
            Duration patience,
            LongSupplier nanoClock,
            BooleanSupplier interrupted,
            Runnable afterBatch)
            throws IOException {
        long lastNanos = nanoClock.getAsLong();
        while (count.isEmpty() || lines < count.getAsLong()) {
            if (interrupted.getAsBoolean()) {
                return new Result(lines, unreadable, End.INTERRUPTED);
            }
            long wanted = count.isEmpty() ? MAX_RECORDS : count.getAsLong() - lines;
            long before = lines;
            boolean news = followBatch();
            int received = reader.poll(POLL, (int) Math.min(MAX_RECORDS, wanted), new LineWriter());
            if (received > 0) {
                out.flush();
                afterBatch.run();
                progress.advance(lines - before);
            }
            if (news || lines > before || batch.isEmpty() && received > 0) {
                lastNanos = nanoClock.getAsLong();
            }
            if (hasWholeBatch()) {
                return new Result(lines, unreadable, End.BATCH_COMPLETE);
            }
            if (nanoClock.getAsLong() - lastNanos >= patience.toNanos()) {
                return new Result(lines, unreadable, End.NOTHING_CAME);
            }
        }
        return new Result(lines, unreadable, End.COUNT_REACHED);
    }

    /** Whether there was news of the batch. */
    private boolean followBatch() {
        if (batch.isEmpty()) {
            return false;
        }
        Optional<BatchRecord> before = batch.get().latest();
        batch.get().poll(Duration.ZERO);
        Optional<BatchRecord> now = batch.get().latest();
        now.ifPresent(record -> progress.total(record.total()));
        return !now.equals(before);
    }

    /** Completions are committed before the batch hears of them, so all of them can be read by now, or soon. */
    private boolean hasWholeBatch() {
        return batch.flatMap(BatchFollower::latest)
                .filter(record -> record.completed().isPresent() && lines >= record.ended())
                .isPresent();
    }

    private boolean isWanted(CompletionRecord completion) {
        return batch.isEmpty() || batch.get().batchId().equals(completion.batchId());
    }

    private final class LineWriter implements TopicReader.Listener<CompletionRecord> {
        @Override
        public void onValue(CompletionRecord completion) {
            if (!isWanted(completion)) {
                return;
            }
            try {
                out.write(Completions.line(completion));
                out.write('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            lines++;
        }

        @Override
        public void onUnreadable(String where, String reason) {
            unreadable++;
            unreadables.onUnreadable(where, reason);
        }
    }
}
