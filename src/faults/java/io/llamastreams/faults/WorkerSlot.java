package io.llamastreams.faults;

import io.llamastreams.faults.clock.ProcessClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * The place of a worker: one process after the other, all behind one proxy. A process that ends while the place is wanted is
 * followed by another one, as a cluster's orchestrator does it. Any thread.
 */
final class WorkerSlot implements AutoCloseable {

    /** How old the health file of a worker that serves may be, which is written every 2 seconds. */
    private static final Duration HEALTHY = Duration.ofSeconds(5);

    /** The worker gives itself a minute. */
    private static final Duration END_LIMIT = Duration.ofSeconds(90);

    private static final int SIGTERM_EXIT = 128 + 15;

    private final int index;
    private final Path folder;
    private final WorkerSettings settings;
    private final FaultProxy proxy;
    private final SmallDisk disk;
    private final ProcessClock clock;
    private final FaultLog log;
    private final Random random;
    private ChildJvm process;
    private boolean wanted;
    private boolean reserved;
    private boolean endExpected;
    private long restartNanos;
    private int starts;
    private int gaveUp;

    /** @param proxy stays the caller's */
    WorkerSlot(int index, Path folder, WorkerSettings settings, FaultProxy proxy, FaultLog log, long seed) {
        this.index = index;
        this.folder = folder;
        this.settings = settings;
        this.proxy = proxy;
        this.log = log;
        disk = new SmallDisk(folder.resolve("state-" + index).toAbsolutePath());
        clock = new ProcessClock(folder, name());
        random = new Random(seed * 31 + index);
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** Where its workers keep their state. */
    SmallDisk disk() {
        return disk;
    }

    String name() {
        return "worker-" + index;
    }

    /** Starts a worker here, and keeps one here from now on. */
    synchronized void want() {
        wanted = true;
        start();
    }

    synchronized boolean isWanted() {
        return wanted;
    }

    /** Takes the place for a fault, so that no other one is done to it; false if it is taken, or nothing runs here. */
    synchronized boolean tryReserve() {
        if (reserved || !isRunning()) {
            return false;
        }
        reserved = true;
        return true;
    }

    synchronized void release() {
        reserved = false;
    }

    synchronized boolean isReserved() {
        return reserved;
    }

    synchronized boolean isRunning() {
        return wanted && process.isAlive();
    }

    /** Whether the worker has its share of the partitions, as it says itself. */
    boolean isServing() {
        if (!isRunning()) {
            return false;
        }
        try {
            Instant written = Files.getLastModifiedTime(healthFile()).toInstant();
            return written.isAfter(Instant.now().minus(HEALTHY));
        } catch (IOException e) {
            return false; // not there yet
        }
    }

    private Path healthFile() {
        return folder.resolve(name() + ".health");
    }

    /** SIGKILL; another worker follows after a moment. */
    synchronized void kill() {
        endExpected = true;
        process.kill();
    }

    /** SIGKILL, and the next worker follows at once. */
    synchronized void killAndRestart() throws InterruptedException {
        kill();
        process.awaitEnd(END_LIMIT);
        start();
    }

    /** Sets the time of day of the worker that runs here; the next one has the right time. */
    synchronized void setClock(Duration ahead) {
        clock.set(ahead);
    }

    /** SIGSTOP; other faults wait. */
    synchronized void stop() throws InterruptedException {
        process.stop();
    }

    /** SIGCONT. */
    synchronized void resume() throws InterruptedException {
        process.resume();
    }

    /** SIGTERM, without a successor; does not wait. */
    synchronized void terminate() {
        wanted = false;
        if (process != null) {
            endExpected = true;
            process.terminate();
        }
    }

    /** Waits for the end of a worker that was terminated; says in the log what went wrong, if anything. */
    boolean awaitEnd() throws InterruptedException {
        ChildJvm last;
        synchronized (this) {
            last = process;
        }
        if (last == null) {
            return true;
        }
        if (!last.awaitEnd(END_LIMIT)) {
            log.note(name() + " did not end within " + END_LIMIT + ": " + last.tail());
            last.kill();
            return false;
        }
        return true;
    }

    /** To be called often: sees to it that a worker runs where one is wanted. */
    synchronized void supervise() {
        if (!wanted || process.isAlive()) {
            return;
        }
        long now = System.nanoTime();
        if (restartNanos == 0) {
            if (!endExpected) {
                gaveUp++;
                log.note(name() + " ended by itself: exit code " + process.exitCode() + ", " + process.tail());
            }
            restartNanos = now + TimeUnit.MILLISECONDS.toNanos(random.nextInt(1500));
        } else if (now - restartNanos >= 0) {
            start();
        }
    }

    /** How often a worker ended without being told. */
    synchronized int gaveUp() {
        return gaveUp;
    }

    synchronized String tail() {
        return process == null ? name() + " never ran" : process.tail();
    }

    /** Whether the last worker that was terminated ended as it should. */
    synchronized boolean endedInOrder() {
        return process == null || !process.isAlive() && process.exitCode() == SIGTERM_EXIT;
    }

    private void start() {
        restartNanos = 0;
        endExpected = false;
        String name = name() + "-" + ++starts;
        Path file = folder.resolve(name + ".properties");
        Map<String, String> drawn = settings.draw(random, "127.0.0.1:" + proxy.port(), disk.folder());
        clock.set(Duration.ZERO);
        try {
            Files.deleteIfExists(healthFile());
            Files.write(
                    file,
                    drawn.entrySet().stream()
                            .map(entry -> entry.getKey() + "=" + entry.getValue())
                            .toList());
            Path temporary = Files.createDirectories(folder.resolve("tmp"));
            process = ChildJvm.start(
                    name,
                    folder.resolve(name + ".log"),
                    List.of("-Xmx256m", "-XX:+UseSerialGC", "-Djava.io.tmpdir=" + temporary, clock.flag()),
                    "io.llamastreams.app.Main",
                    List.of(
                            "run",
                            "--config",
                            file.toString(),
                            "--health-file",
                            healthFile().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        wanted = false;
        if (process != null) {
            process.close();
        }
        disk.close();
    }
}
