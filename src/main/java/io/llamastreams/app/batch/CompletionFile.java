package io.llamastreams.app.batch;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Writes completion lines as they come, whole lines only, into the file itself and not into one that is renamed at the end: so
 * that what is done can be read while the rest is made, and stays when the run is interrupted. Lines reach the operating system
 * within a second, or at {@link #flush}.
 */
public final class CompletionFile implements CompletionSink {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long FLUSH_NANOS = Duration.ofSeconds(1).toNanos();

    /** Waits until the disk has what the operating system was given. */
    @FunctionalInterface
    private interface Sync {
        void run() throws IOException;
    }

    private final OutputStream output;
    private final Sync sync;
    private final LongSupplier nanoClock;
    private long flushedNanos;

    private CompletionFile(OutputStream output, Sync sync, LongSupplier nanoClock) {
        this.output = new BufferedOutputStream(output, BUFFER_BYTES);
        this.sync = sync;
        this.nanoClock = nanoClock;
        flushedNanos = nanoClock.getAsLong();
    }

    /** Takes over {@code output} and closes it. */
    public static CompletionFile of(OutputStream output, LongSupplier nanoClock) {
        return new CompletionFile(output, () -> {}, nanoClock);
    }

    /** A new file, or an existing one made empty. Its lines are on the disk when it is closed. */
    public static CompletionFile of(Path file, LongSupplier nanoClock) throws IOException {
        FileOutputStream output = new FileOutputStream(file.toFile());
        boolean isFile = Files.isRegularFile(file);
        return new CompletionFile(output, isFile ? output.getFD()::sync : () -> {}, nanoClock);
    }

    @Override
    public void write(long index, String line) throws IOException {
        output.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        if (nanoClock.getAsLong() - flushedNanos >= FLUSH_NANOS) {
            flush();
        }
    }

    @Override
    public void flush() throws IOException {
        output.flush();
        flushedNanos = nanoClock.getAsLong();
    }

    @Override
    public void close() throws IOException {
        try (output) {
            output.flush();
            sync.run();
        }
    }
}
