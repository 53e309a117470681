package io.llamastreams.topology.prompt;

import io.llamastreams.topology.record.PendingPrompt;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/** When prompts of a task expire that wait for the engine, which sees to those that it has. StreamThread of its task. */
final class Deadlines {
    private final PriorityQueue<Deadline> deadlines =
            new PriorityQueue<>(Comparator.comparingLong(Deadline::epochMillis));

    private record Deadline(long epochMillis, PendingEntry entry) {}

    /** Notes when a prompt expires, if it ever does. It may end before; nobody needs to say so. */
    void add(PendingEntry entry, PendingPrompt pending) {
        pending.prompt().deadlineMillis().ifPresent(millis -> deadlines.add(new Deadline(millis, entry)));
    }

    /** Hands over those whose time has come; some may have ended since. */
    void takePassed(long nowMillis, Consumer<PendingEntry> expired) {
        while (!deadlines.isEmpty() && deadlines.peek().epochMillis() <= nowMillis) {
            expired.accept(deadlines.remove().entry());
        }
    }
}
