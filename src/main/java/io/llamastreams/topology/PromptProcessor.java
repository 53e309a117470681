package io.llamastreams.topology;

import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes prompts in and sends outcomes out, each exactly once. StreamThread of its task.
 *
 * <p>A prompt's life:
 *
 * <ol>
 *   <li>{@link #process} stores the prompt; its offset and the store's entry are committed in one transaction. What can never
 *       be served leaves as a REJECTED outcome instead.
 *   <li>It goes to the engine if there is room, at once or at a later tick. The engine works outside any transaction.
 *   <li>While its text grows, a tick stores the tokens made so far now and then: see {@link ResumePoints}.
 *   <li>A tick finds its end: outcome forwarded, entry deleted, in one transaction.
 *   <li>After a crash, restart or rebalance {@link #init} finds the entry in the restored store, and it goes on at 2, with the
 *       tokens that were stored.
 * </ol>
 *
 * <p>An outcome's timestamp is the time at which the prompt ended, so that windows of usage show when work was done; the
 * prompt's own timestamp stands in the lineage. Key and headers are the prompt's, without the header that names the value's
 * schema.
 *
 * <p>Inside the engine a prompt is named by its origin, not by the user's id, of which there may be several.
 */
final class PromptProcessor implements Processor<byte[], IncomingPrompt, byte[], Outcome> {
    static final String PENDING_STORE = "pending-prompts";

    private static final Logger log = LoggerFactory.getLogger(PromptProcessor.class);

    /** Events taken from the engine at a time; a tick does this a few times at most, so that the thread gets to poll. */
    private static final int POLL_EVENTS = 4096;

    private static final int POLLS_PER_TICK = 8;

    private final Surroundings surroundings;
    private final PromptCounters counters;
    private final IntakeLimits limits;
    private final GenerationListener ends = this::ended;
    private final ResumePoints.Texts texts = new ResumePoints.Texts() {
        @Override
        public List<Integer> resumable(String storeKey) {
            return session.resumable(storeKey);
        }

        @Override
        public void store(String storeKey, List<Integer> made) {
            pending.storeMade(storeKey, made);
        }
    };

    private ProcessorContext<byte[], Outcome> context;
    private PendingPrompts pending;
    private PromptSession session;
    private FairShare.Part share;
    private ResumePoints resumePoints;
    private Optional<Cancellable> ticking = Optional.empty();
    private long waitNanosLeft;

    /** What stands first in line, as it was offered: the session then knows it again. */
    private Optional<Request> firstInLine = Optional.empty();

    /** What the engine is asked for: the prompt under its origin's name, of which there is only one, and with its own seed. */
    private record Request(String storeKey, Prompt prompt) {
        static Request of(PendingPrompt pending) {
            String storeKey = pending.origin().storeKey();
            return new Request(storeKey, pending.prompt().withId(storeKey));
        }
    }

    PromptProcessor(Surroundings surroundings, IntakeLimits limits) {
        this.surroundings = surroundings;
        this.counters = surroundings.counters();
        this.limits = limits;
    }

    /** Also called again, after {@link #close}, when a task is revived; the store is restored by then. */
    @Override
    public void init(ProcessorContext<byte[], Outcome> newContext) {
        context = newContext;
        ticking = Optional.empty();
        firstInLine = Optional.empty();
        waitNanosLeft = limits.longestWait().toNanos();
        KeyValueStore<String, byte[]> store = context.getStateStore(PENDING_STORE);
        pending = new PendingPrompts(store);
        session = surroundings.sessions().open();
        share = surroundings.shares().open();
        resumePoints = new ResumePoints(limits.resumeTokens(), limits.resumeTime());
        if (pending.size() > 0) {
            log.info(
                    "task={} pending prompts found, submitting them again: count={}", context.taskId(), pending.size());
            counters.resubmitted(pending.size());
            counters.pendingAdded(pending.size(), pending.load());
            reportShare();
            keepTicking();
        }
    }

    @Override
    public void process(Record<byte[], IncomingPrompt> record) {
        counters.received();
        PendingPrompt prompt = PendingPrompt.of(record, context);
        String fault = record.value().fault();
        if (!fault.isEmpty()) {
            end(prompt, Generation.rejected(prompt.prompt().id(), fault));
            return;
        }
        byte[] encoded = pending.encode(prompt);
        if (encoded.length > limits.maxPromptBytes()) {
            String reason =
                    "prompt record: expected at most " + limits.maxPromptBytes() + " bytes, found " + encoded.length;
            end(prompt, Generation.rejected(prompt.prompt().id(), reason));
            return;
        }
        if (pending.size() >= limits.maxPending()) {
            drainWhileFull();
        }
        take(prompt, encoded);
    }

    private void take(PendingPrompt prompt, byte[] encoded) {
        if (pending.hasLine() || !share.allows(pending.running())) {
            // its turn comes after theirs
            pending.addToLine(prompt, encoded);
        } else {
            switch (submit(Request.of(prompt))) {
                case Submission.Accepted accepted -> pending.addRunning(prompt, encoded);
                case Submission.Busy busy -> pending.addToLine(prompt, encoded);
                case Submission.Refused refused -> {
                    end(prompt, refused.generation());
                    return;
                }
            }
        }
        counters.pendingAdded(1, PromptLoad.of(prompt.prompt()));
        reportShare();
        keepTicking();
    }

    /**
     * Makes room, for as long as this tick's share of waiting lasts. After that the record is taken in nevertheless: pausing
     * the partition is not in a processor's power, and waiting longer would cost the transaction.
     */
    private void drainWhileFull() {
        TimeSource time = surroundings.time();
        long startNanos = time.nanoTime();
        long spentNanos = 0;
        while (pending.size() >= limits.maxPending() && spentNanos < waitNanosLeft) {
            Duration left = Duration.ofNanos(waitNanosLeft - spentNanos);
            if (pending.running() > 0) {
                session.await(left);
            } else {
                // other tasks fill the engine, and their ends are not ours to wait for
                time.await(left.compareTo(limits.tick()) < 0 ? left : limits.tick());
            }
            drain();
            spentNanos = time.nanoTime() - startNanos;
        }
        waitNanosLeft -= spentNanos;
    }

    private void tick(long now) {
        waitNanosLeft = limits.longestWait().toNanos();
        drain();
        resumePoints.store(texts, surroundings.time().nanoTime());
        if (pending.size() == 0) {
            // each tick asks for a commit, so an idle task must not tick
            ticking.ifPresent(Cancellable::cancel);
            ticking = Optional.empty();
        }
    }

    private void keepTicking() {
        if (ticking.isEmpty()) {
            ticking = Optional.of(context.schedule(limits.tick(), PunctuationType.WALL_CLOCK_TIME, this::tick));
        }
    }

    /** Takes ends from the engine and gives it what stands in line. */
    private void drain() {
        for (int i = 0; i < POLLS_PER_TICK; i++) {
            if (session.poll(ends, POLL_EVENTS) < POLL_EVENTS) {
                break;
            }
        }
        reportShare();
        submitLine();
        reportShare();
    }

    private void reportShare() {
        share.report(pending.running(), pending.hasLine());
    }

    private void submitLine() {
        while (pending.hasLine() && share.allows(pending.running())) {
            Request first = firstInLine.orElseGet(() -> Request.of(pending.firstInLine()));
            firstInLine = Optional.of(first);
            switch (submit(first)) {
                case Submission.Accepted accepted -> leaveLine();
                case Submission.Refused refused -> {
                    leaveLine();
                    ended(first.storeKey(), refused.generation());
                }
                case Submission.Busy busy -> {
                    return;
                }
            }
        }
    }

    private void leaveLine() {
        pending.leaveLine();
        firstInLine = Optional.empty();
    }

    /** A prompt that serving stumbles over has failed; an engine that has ended says nothing of it. */
    private Submission submit(Request request) {
        try {
            List<Integer> made = pending.made(request.storeKey());
            Submission submission = session.submit(request.prompt(), made);
            if (submission instanceof Submission.Accepted) {
                resumePoints.begin(
                        request.storeKey(), made.size(), surroundings.time().nanoTime());
            }
            return submission;
        } catch (EngineEndedException e) {
            throw e;
        } catch (RuntimeException e) {
            // what an exception says may be the prompt's own words
            log.error(
                    "prompt {} failed before it came to the engine: {}; its completion says more",
                    request.storeKey(),
                    e.getClass().getName());
            log.debug("prompt {}", request.storeKey(), e);
            return new Submission.Refused(Generation.failed(request.storeKey(), "submission failed: " + e));
        }
    }

    private void ended(Generation generation) {
        ended(generation.id(), generation);
    }

    private void ended(String storeKey, Generation generation) {
        PendingPrompt prompt = pending.remove(storeKey);
        resumePoints.end(storeKey);
        PromptLoad load = PromptLoad.of(prompt.prompt());
        counters.pendingRemoved(1, load);
        counters.encoded(load, generation.usage());
        end(prompt, generation);
    }

    private void end(PendingPrompt prompt, Generation ended) {
        Generation generation = fitting(ended);
        counters.ended(generation.status());
        Outcome outcome = Outcome.of(prompt, generation, surroundings.sessions(), surroundings.engineVersion());
        context.forward(
                new Record<>(prompt.key().orElse(null), outcome, context.currentSystemTimeMs(), prompt.headers()));
    }

    /** An answer that no record can hold would be made again and again, in vain: it fails instead. */
    private Generation fitting(Generation generation) {
        long bytes = AnswerSize.bytes(generation.answer());
        if (bytes <= limits.maxAnswerBytes()) {
            return generation;
        }
        String error = "answer: expected at most " + limits.maxAnswerBytes() + " bytes, found about " + bytes
                + ": ask for fewer texts, tokens or log-probabilities";
        return new Generation(
                generation.id(),
                Generation.Status.FAILED,
                new Answer.Nothing(),
                generation.usage(),
                generation.seed(),
                error);
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
            share.close();
            counters.pendingRemoved(pending.size(), pending.load());
        }
    }
}
