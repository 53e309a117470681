package io.llamastreams.app.terminal;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Progress where nobody redraws lines, such as a log file: one line after some seconds, then rarer ones. */
final class LineProgress implements Progress {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Consumer<String> lines;
    private final LongSupplier nanoClock;
    private final String task;
    private final String unit;
    private long total;
    private long done;
    private String words = "";
    private long lastNanos;
    private long pauseNanos = FIRST_PAUSE_NANOS;

    LineProgress(Consumer<String> lines, LongSupplier nanoClock, String task, long total, String unit) {
        this.lines = lines;
        this.nanoClock = nanoClock;
        this.task = task;
        this.total = total;
        this.unit = unit;
        lastNanos = nanoClock.getAsLong();
    }

    @Override
    public void advance(long steps) {
        done += steps;
        long now = nanoClock.getAsLong();
        if (now - lastNanos >= pauseNanos) {
            lines.accept(line());
            lastNanos = now;
            pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        }
    }

    private String line() {
        String extent = total > 0 ? "/" + total + " " + unit + " (" + 100 * done / total + " %)" : " " + unit;
        return task + ": " + done + extent + (words.isEmpty() ? "" : ", " + words);
    }

    @Override
    public void note(String newWords) {
        words = newWords;
    }

    @Override
    public void total(long steps) {
        total = steps;
    }

    /** Says nothing: whoever did the work sums up better. */
    @Override
    public void close() {}
}
