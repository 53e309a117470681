package io.llamastreams.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** What was done, and when: lines in a file, and a count of each kind of fault. Any thread. */
final class FaultLog {

    private final Path file;
    private final IntSupplier pending;
    private final Consumer<String> listener;
    private final long startNanos = System.nanoTime();
    private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);
    private final List<Integer> pendingAtFaults = new ArrayList<>();

    /**
     * Begins a log.
     *
     * @param file is written anew
     * @param pending prompts that were sent and have no completion yet
     * @param listener hears each line too
     */
    FaultLog(Path file, IntSupplier pending, Consumer<String> listener) throws IOException {
        this.file = file;
        this.pending = pending;
        this.listener = listener;
        Files.deleteIfExists(file);
    }

    /** A fault that happens now. */
    synchronized void fault(FaultKind kind, String what) {
        int now = pending.getAsInt();
        counts.merge(kind, 1, Integer::sum);
        pendingAtFaults.add(now);
        note(kind.label() + " " + what + " pending=" + now);
    }

    synchronized void note(String what) {
        String line = String.format(Locale.ROOT, "%8.2f s  %s", (System.nanoTime() - startNanos) / 1e9, what);
        try {
            Files.write(file, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        listener.accept(line);
    }

    synchronized Map<FaultKind, Integer> counts() {
        return new EnumMap<>(counts);
    }

    synchronized List<Integer> pendingAtFaults() {
        return List.copyOf(pendingAtFaults);
    }
}
