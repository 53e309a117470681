package io.llamastreams.topology.prompt;

import io.llamastreams.serving.Generation;
import io.llamastreams.topology.record.ControlCommand;
import io.llamastreams.topology.record.PendingPrompt;
import io.llamastreams.topology.record.StoredCommand;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Ends of prompts that are not the engine's will: commands, and deadlines of those that wait for the engine. StreamThread of its
 * task.
 */
final class Cancellations {
    private final PendingPrompts pending;
    private final Commands commands;
    private final IncrementalScan scan;
    private final Deadlines deadlines = new Deadlines();

    /** What commands are kept by. */
    private final LongSupplier streamClock;

    /** What deadlines are on. */
    private final InstantSource wallClock;

    private final Task task;

    /** What is done to a task's prompts. */
    interface Task {
        /** A prompt that is not in the engine has ended. */
        void end(PendingEntry entry, Generation generation);

        /** A prompt that is in the engine is to end. */
        void cancel(PendingEntry entry);

        /** A command was carried out. */
        void acknowledge(StoredCommand command);
    }

    /**
     * Looks at all that is pending, in the ticks to come: deadlines must be known, and commands may have been under way.
     *
     * @param streamClock epoch milliseconds
     */
    Cancellations(
            PendingPrompts pending,
            Commands commands,
            IncrementalScan scan,
            LongSupplier streamClock,
            InstantSource wallClock,
            Task task) {
        this.pending = pending;
        this.commands = commands;
        this.scan = scan;
        this.streamClock = streamClock;
        this.wallClock = wallClock;
        this.task = task;
        scan.begin(pending.all());
    }

    /** Takes in a command; pending prompts are looked at in the ticks to come, and where there are none it is carried out. */
    void receive(StoredCommand command) {
        commands.receive(command);
        scan.begin(pending.all());
        settle();
    }

    /** Whether ticks are needed also where nothing is pending. */
    boolean isBusy() {
        return !scan.hasEnded() || !commands.allAcknowledged();
    }

    /** The end of a prompt that came just now, if a command is about it. */
    Optional<Generation> endAtOnce(PendingPrompt prompt) {
        Optional<ControlCommand> command = commands.covering(prompt, streamClock.getAsLong());
        command.ifPresent(commands::count);
        return command.map(found -> cancelled(prompt, found));
    }

    /** A prompt waits for the engine from now on. */
    void addWaiting(PendingEntry entry, PendingPrompt prompt) {
        deadlines.add(entry, prompt);
    }

    /** Ends what waits and is to end now. */
    void tick() {
        scan.go(this::look);
        deadlines.takePassed(wallClock.millis(), this::expire);
    }

    private void look(PendingEntry entry) {
        if (entry.hasEnded()) {
            return;
        }
        PendingPrompt prompt = pending.get(entry);
        Optional<ControlCommand> command = commands.covering(prompt, streamClock.getAsLong());
        if (command.isEmpty()) {
            deadlines.add(entry, prompt);
        } else if (entry.isOutsideEngine()) {
            commands.count(command.get());
            task.end(entry, cancelled(prompt, command.get()));
        } else if (commands.ask(entry.storeKey(), command.get())) {
            task.cancel(entry);
        }
    }

    private void expire(PendingEntry entry) {
        if (entry.isOutsideEngine()) {
            var prompt = pending.get(entry).prompt();
            task.end(entry, Generation.expired(prompt.id(), prompt.seed()));
        }
    }

    private static Generation cancelled(PendingPrompt prompt, ControlCommand command) {
        return Generation.cancelled(prompt.prompt().id(), prompt.prompt().seed(), command.message());
    }

    /** Whether a running prompt is to end by a command. */
    boolean hasAsked(PendingEntry entry) {
        return commands.hasAsked(entry.storeKey());
    }

    /** The end of a running prompt, with the reason where a command brought it about. */
    Generation explained(Generation generation) {
        Optional<ControlCommand> command =
                commands.endOf(generation.id()).filter(asked -> generation.status() == Generation.Status.CANCELLED);
        command.ifPresent(commands::count);
        return command.map(asked -> generation.cancelled(asked.message())).orElse(generation);
    }

    /** Stores what commands have done, and acknowledges those that are carried out. In the transaction of their effects. */
    void settle() {
        commands.settle(scan.hasEnded(), task::acknowledge);
    }
}
