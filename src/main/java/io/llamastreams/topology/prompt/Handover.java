package io.llamastreams.topology.prompt;

import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import io.llamastreams.topology.config.IntakeLimits;
import io.llamastreams.topology.config.TimeSource;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.PendingPrompt;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a task's pending prompts to the engine, in their order and as there is room, and takes back what came of them.
 * StreamThread of its task.
 *
 * <pre>
 *   line ---> quota of the engine left? ---> tried too often? ---> session ---> ends, texts to store
 *     ^                                          '--------------------------------> FAILED
 *     '--- recalled, with all its tokens ---------------------------------'
 * </pre>
 */
final class Handover implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Handover.class);

    /** Events taken from the engine at a time; a round does this a few times at most, so that the thread gets to poll. */
    private static final int POLL_EVENTS = 4096;

    private static final int POLLS_PER_ROUND = 8;

    private final PendingPrompts pending;
    private final TimeSource time;
    private final Drain drain;
    private final Ends ends;
    private final GenerationListener listener = this::polled;
    private final PromptSession session;
    private final TaskFairness.Quota quota;
    private final Quarantine.Part quarantine;
    private final Attempts attempts;
    private final ResumePoints resumePoints;

    /** What stands first in line, as it was offered: the session then knows it again. */
    private Optional<Request> firstInLine = Optional.empty();

    /**
     * What the engine is asked for.
     *
     * @param prompt under its origin's name, of which there is only one, and with its own seed
     * @param made what its text has
     */
    private record Request(Prompt prompt, List<Integer> made) {
        static Request of(PendingPrompt pending, List<Integer> made) {
            return new Request(pending.prompt().withId(pending.origin().storeKey()), made);
        }

        String storeKey() {
            return prompt.id();
        }
    }

    /** Takes the ends of pending prompts. */
    interface Ends {
        void ended(PendingEntry entry, Generation generation);
    }

    /** Opens a session; notes of attempts are read from the store. */
    Handover(PendingPrompts pending, TaskContext taskContext, IntakeLimits limits, Ends ends) {
        this.pending = pending;
        this.ends = ends;
        time = taskContext.time();
        drain = taskContext.drain();
        session = taskContext.sessions().open();
        quota = taskContext.fairness().open();
        quarantine = taskContext.quarantine().open();
        attempts = new Attempts(
                pending,
                taskContext.peers(),
                limits.attempts().max(),
                Math.max(limits.attempts().engineBatch(), Attempts.GROUP),
                quarantine,
                quota);
        resumePoints =
                new ResumePoints(limits.resuming().tokens(), limits.resuming().time());
        reportQuota();
    }

    /** Takes in a prompt that came just now: to the engine, to the end of the line, or not at all where it was refused. */
    Submission offer(PendingPrompt prompt, byte[] encoded) {
        Submission submission = pending.hasLine() || !admits() || !attempts.admitsNew()
                ? new Submission.Busy("others come first")
                : submit(Request.of(prompt, List.of()));
        switch (submission) {
            case Submission.Accepted accepted ->
                pending.addRunning(prompt, encoded).setStored(0, time.nanoTime());
            case Submission.Busy busy -> pending.addToLine(prompt, encoded);
            case Submission.Refused refused -> {}
        }
        reportQuota();
        return submission;
    }

    private boolean admits() {
        return drain.isOpen() && quota.allows(pending.inEngine().size());
    }

    /** What was written before is committed by now. */
    void beginTick() {
        attempts.beginTick();
    }

    /** Takes ends from the engine and gives it what stands in line. */
    void exchange() {
        for (int i = 0; i < POLLS_PER_ROUND; i++) {
            if (session.poll(listener, POLL_EVENTS) < POLL_EVENTS) {
                break;
            }
        }
        reportQuota();
        submitLine();
        reportQuota();
    }

    /** Waits until a prompt of this task has ended; where none is in the engine, for as long as a tick. */
    void await(Duration longest, Duration tick) {
        if (!pending.inEngine().isEmpty()) {
            session.await(longest);
        } else {
            // other tasks fill the engine, and their ends are not ours to wait for
            time.await(longest.compareTo(tick) < 0 ? longest : tick);
        }
    }

    /** Stores running texts that have grown. */
    void storeTexts() {
        long nowNanos = time.nanoTime();
        for (PendingEntry entry : pending.inEngine()) {
            List<Integer> made = session.resumable(entry.storeKey());
            if (resumePoints.isDue(entry, made.size(), nowNanos)) {
                attempts.progressed(entry, made);
                entry.setStored(made.size(), nowNanos);
            }
        }
    }

    /**
     * Prepares what is handed over at the next tick, or takes everything back where the service stops. In a tick.
     *
     * @param isToEnd prompts that are not taken back, since they are to end in the engine
     * @return whether there is something to commit at once
     */
    boolean prepare(Predicate<PendingEntry> isToEnd) {
        return switch (drain.stage()) {
            case OPEN -> attempts.note();
            case FINISHING -> {
                attempts.withdrawWaiting();
                yield false;
            }
            case RECALLING -> {
                attempts.withdrawWaiting();
                recall(isToEnd);
                yield false;
            }
        };
    }

    /** A running prompt is to end. */
    void cancel(PendingEntry entry) {
        session.cancel(entry.storeKey());
    }

    /**
     * Asks the engine to give back what it has, each with all the tokens that were made of its text, so that none is made twice.
     *
     * @param isToEnd prompts that it keeps
     */
    private void recall(Predicate<PendingEntry> isToEnd) {
        for (PendingEntry entry : pending.inEngine()) {
            if (entry.state() == PendingEntry.State.RUNNING && !isToEnd.test(entry)) {
                pending.recall(entry, session.resumable(entry.storeKey()));
                session.cancel(entry.storeKey());
            }
        }
    }

    private void polled(Generation generation) {
        PendingEntry entry = pending.entry(Origin.ofStoreKey(generation.id()));
        boolean givenBack =
                entry.state() == PendingEntry.State.RECALLED && generation.status() == Generation.Status.CANCELLED;
        if (givenBack) {
            pending.backToLine(entry);
            attempts.withdraw(entry);
        } else {
            ends.ended(entry, generation);
        }
    }

    private void reportQuota() {
        quota.report(pending.inEngine().size(), pending.hasLine());
    }

    private void submitLine() {
        while (pending.hasLine() && admits()) {
            PendingEntry first = pending.firstInLine();
            switch (attempts.verdict(first)) {
                case GO -> {
                    if (!submitFirst(first)) {
                        return;
                    }
                }
                case GIVE_UP -> {
                    String reason = attempts.reason(first);
                    log.error("prompt {} fails: {}", first.storeKey(), reason);
                    ends.ended(first, Generation.failed(first.storeKey(), reason));
                }
                case WAIT -> {
                    return;
                }
            }
        }
    }

    /** False if there is no room for it. */
    private boolean submitFirst(PendingEntry entry) {
        Request first = firstInLine
                .filter(request -> request.storeKey().equals(entry.storeKey()))
                .orElseGet(() ->
                        Request.of(pending.get(entry), pending.notes(entry).made()));
        firstInLine = Optional.of(first);
        switch (submit(first)) {
            case Submission.Accepted accepted ->
                pending.leaveLine().setStored(first.made().size(), time.nanoTime());
            case Submission.Refused refused -> ends.ended(entry, refused.generation());
            case Submission.Busy busy -> {
                return false;
            }
        }
        firstInLine = Optional.empty();
        return true;
    }

    /** A prompt that serving stumbles over has failed; an engine that has ended says nothing of it. */
    private Submission submit(Request request) {
        try {
            return session.submit(request.prompt(), request.made());
        } catch (EngineEndedException e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // what an exception says may be the prompt's own words
            log.error(
                    "prompt {} failed before it came to the engine: {}; its completion says more",
                    request.storeKey(),
                    e.getClass().getName());
            log.debug("prompt {}", request.storeKey(), e);
            return new Submission.Refused(Generation.failed(request.storeKey(), "submission failed: " + e));
        }
    }

    @Override
    public void close() {
        session.close();
        quota.close();
        quarantine.close();
    }
}
