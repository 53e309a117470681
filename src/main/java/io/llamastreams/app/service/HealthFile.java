package io.llamastreams.app.service;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is written anew every few seconds while the service is well, so that others can tell from its age: a container's
 * health check then needs neither a port nor a client. Gone when closed. Main thread.
 */
public final class HealthFile implements AutoCloseable {

    /** How old the file gets while all is well; a reader should allow several times as much. */
    static final Duration INTERVAL = Duration.ofSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(HealthFile.class);

    private final Optional<Path> file;
    private final LongSupplier nanoClock;
    private long dueNanos;
    private boolean broken;

    private HealthFile(Optional<Path> file, LongSupplier nanoClock) {
        this.file = file;
        this.nanoClock = nanoClock;
        dueNanos = nanoClock.getAsLong();
    }

    /**
     * Clears away what an earlier process may have left.
     *
     * @param file none for a service that nobody watches
     * @throws UncheckedIOException if the file cannot be deleted
     */
    public static HealthFile of(Optional<Path> file, LongSupplier nanoClock) {
        HealthFile health = new HealthFile(file, nanoClock);
        try {
            health.delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return health;
    }

    /** Says that the service is well; to be called often. A file that cannot be written is logged once, and no more. */
    public void beat() {
        if (file.isEmpty() || nanoClock.getAsLong() - dueNanos < 0) {
            return;
        }
        dueNanos = nanoClock.getAsLong() + INTERVAL.toNanos();
        try {
            Files.writeString(file.get(), "running\n");
            broken = false;
        } catch (IOException e) {
            if (!broken) {
                log.warn("health file cannot be written: reason={}", e.toString());
            }
            broken = true;
        }
    }

    private void delete() throws IOException {
        if (file.isPresent()) {
            Files.deleteIfExists(file.get());
        }
    }

    @Override
    public void close() {
        try {
            delete();
        } catch (IOException e) {
            log.warn("health file stays: reason={}", e.toString());
        }
    }
}
