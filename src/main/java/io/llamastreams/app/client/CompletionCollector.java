package io.llamastreams.app.client;

import io.llamastreams.app.terminal.Progress;
import io.llamastreams.topology.CompletionRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Writes completions as lines of JSON until there are enough, or none came for some time. Main thread. */
public final class CompletionCollector {

    /** Short, so that an interruption is noticed soon. */
    private static final Duration POLL = Duration.ofMillis(200);

    private static final int MAX_RECORDS = 10_000;

    /** Why collecting ended. */
    public enum End {
        COUNT_REACHED,
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
    private long lines;
    private long unreadable;

    /** @param out stays the caller's; flushed after each batch of records */
    public CompletionCollector(
            TopicReader<CompletionRecord> reader, Writer out, UnreadableListener unreadables, Progress progress) {
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
            int received = reader.poll(POLL, (int) Math.min(MAX_RECORDS, wanted), new LineWriter());
            if (received > 0) {
                out.flush();
                afterBatch.run();
                progress.advance(received);
                lastNanos = nanoClock.getAsLong();
            } else if (nanoClock.getAsLong() - lastNanos >= patience.toNanos()) {
                return new Result(lines, unreadable, End.NOTHING_CAME);
            }
        }
        return new Result(lines, unreadable, End.COUNT_REACHED);
    }

    private final class LineWriter implements TopicReader.Listener<CompletionRecord> {
        @Override
        public void onValue(CompletionRecord completion) {
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
