package io.llamastreams.topology;

import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import java.nio.charset.StandardCharsets;
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
 *   <li>A tick finds its end: outcome forwarded, entry deleted, in one transaction. {@linkplain EarlyEnds Commands and deadlines} may end
 *       it before.
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
final class PromptProcessor implements Processor<byte[], Arrival, byte[], Departure> {
    static final String PENDING_STORE = "pending-prompts";
    static final String CONTROL_STORE = "control-commands";

    /** Where {@linkplain Duplicates} are recognised only. */
    static final String ANSWER_STORE = "answers";

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
            attempts.progressed(storeKey);
        }
    };

    private ProcessorContext<byte[], Departure> context;
    private PendingPrompts pending;
    private PromptSession session;
    private FairShare.Part share;
    private ResumePoints resumePoints;
    private Quarantine.Part quarantine;
    private Attempts attempts;
    private Recall recall;
    private EarlyEnds early;
    private Optional<Duplicates> duplicates = Optional.empty();
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
    public void init(ProcessorContext<byte[], Departure> newContext) {
        context = newContext;
        ticking = Optional.empty();
        firstInLine = Optional.empty();
        waitNanosLeft = limits.longestWait().toNanos();
        KeyValueStore<String, byte[]> store = context.getStateStore(PENDING_STORE);
        pending = new PendingPrompts(store);
        session = surroundings.sessions().open();
        share = surroundings.shares().open();
        resumePoints = new ResumePoints(limits.resumeTokens(), limits.resumeTime());
        quarantine = surroundings.quarantine().open();
        attempts = new Attempts(pending, surroundings.peers(), limits.maxAttempts(), quarantine, share);
        recall = new Recall(pending);
        early = new EarlyEnds(
                pending,
                new Commands(
                        context.getStateStore(CONTROL_STORE), limits.controlRetention(), context.currentSystemTimeMs()),
                new Sweep(limits.tick().dividedBy(4), surroundings.time()::nanoTime),
                newContext::currentSystemTimeMs,
                surroundings.time(),
                new EarlyEndsOfTask());
        duplicates = limits.duplicates().isOff()
                ? Optional.empty()
                : Optional.of(new Duplicates(
                        context.getStateStore(ANSWER_STORE), limits.duplicates(), context.currentSystemTimeMs()));
        if (pending.size() > 0) {
            log.info(
                    "task={} pending prompts found, submitting them again: count={}", context.taskId(), pending.size());
            counters.resubmitted(pending.size());
            counters.pendingAdded(pending.size(), pending.load());
            reportShare();
        }
        if (pending.size() > 0 || early.isBusy()) {
            keepTicking();
        }
    }

    @Override
    public void process(Record<byte[], Arrival> record) {
        switch (record.value()) {
            case IncomingPrompt prompt -> process(record.withValue(prompt), prompt.fault());
            case ControlCommand command -> receive(command);
        }
    }

    private void receive(ControlCommand command) {
        var place = context.recordMetadata()
                .orElseThrow(() -> new IllegalStateException("expected a record that lies on a topic"));
        early.receive(
                new StoredCommand(command, context.currentSystemTimeMs(), place.topic(), place.partition(), 0, false));
        if (early.isBusy()) {
            keepTicking();
        }
    }

    private void process(Record<byte[], IncomingPrompt> record, String fault) {
        counters.received();
        PendingPrompt prompt = withDeadline(PendingPrompt.of(record, context));
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
        Optional<Generation> endAtOnce = early.endAtOnce(prompt);
        if (endAtOnce.isPresent()) {
            end(prompt, endAtOnce.get());
            return;
        }
        if (pending.size() >= limits.maxPending()) {
            drainWhileFull();
        }
        switch (find(prompt)) {
            case Duplicates.Finding.First first -> take(prompt, encoded);
            case Duplicates.Finding.Follows follows -> {
                pending.addFollower(prompt, encoded, follows.firstKey());
                early.addWaiting(prompt);
                counters.pendingAdded(1, PromptLoad.of(prompt.prompt()));
                keepTicking();
            }
            case Duplicates.Finding.Answered answered -> forward(prompt, Outcome.copy(prompt, answered.completion()));
            case Duplicates.Finding.Rejected rejected ->
                end(prompt, Generation.rejected(prompt.prompt().id(), rejected.reason()));
        }
    }

    private Duplicates.Finding find(PendingPrompt prompt) {
        return duplicates
                .map(known -> known.look(prompt, pending, context.currentSystemTimeMs()))
                .orElseGet(Duplicates.Finding.First::new);
    }

    private PendingPrompt withDeadline(PendingPrompt pending) {
        Prompt prompt = pending.prompt();
        if (limits.defaultDeadline().isZero() || prompt.deadlineMillis().isPresent()) {
            return pending;
        }
        long sentMillis = pending.timestamp() > 0 ? pending.timestamp() : context.currentSystemTimeMs();
        return pending.withPrompt(
                prompt.withDeadlineMillis(sentMillis + limits.defaultDeadline().toMillis()));
    }

    private void take(PendingPrompt prompt, byte[] encoded) {
        if (pending.hasLine() || !admits() || !attempts.admitsNew()) {
            // its turn comes after theirs
            putInLine(prompt, encoded);
        } else {
            switch (submit(Request.of(prompt))) {
                case Submission.Accepted accepted -> pending.addRunning(prompt, encoded);
                case Submission.Busy busy -> putInLine(prompt, encoded);
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

    private boolean admits() {
        return surroundings.drain().isOpen() && share.allows(pending.running());
    }

    private void putInLine(PendingPrompt prompt, byte[] encoded) {
        pending.addToLine(prompt, encoded);
        early.addWaiting(prompt);
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
        attempts.beginTick();
        early.tick();
        drain();
        resumePoints.store(texts, surroundings.time().nanoTime());
        early.settle();
        switch (surroundings.drain().stage()) {
            case OPEN -> {
                if (attempts.note()) {
                    context.commit();
                }
            }
            case FINISHING -> attempts.withdrawWaiting();
            case RECALLING -> {
                attempts.withdrawWaiting();
                recall.ask(session, early::hasAsked);
            }
        }
        if (pending.size() == 0 && !early.isBusy()) {
            // each tick asks for a commit, so an idle task must not tick
            ticking.ifPresent(Cancellable::cancel);
            ticking = Optional.empty();
        }
    }

    private final class EarlyEndsOfTask implements EarlyEnds.Task {
        @Override
        public void end(String storeKey, Generation generation) {
            ended(storeKey, generation);
        }

        @Override
        public void cancel(String storeKey) {
            session.cancel(storeKey);
        }

        @Override
        public void acknowledge(StoredCommand command) {
            ControlAcknowledgement acknowledgement = new ControlAcknowledgement(
                    command.command().id(),
                    command.topic(),
                    command.partition(),
                    surroundings.peers().name(),
                    command.cancelled());
            context.forward(new Record<>(
                    acknowledgement.commandId().getBytes(StandardCharsets.UTF_8),
                    acknowledgement,
                    context.currentSystemTimeMs()));
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
        while (pending.hasLine() && admits()) {
            String storeKey = pending.firstInLine();
            switch (attempts.verdict(storeKey)) {
                case GO -> {
                    if (!submitFirst(storeKey)) {
                        return;
                    }
                }
                case GIVE_UP -> {
                    log.error("prompt {} fails: {}", storeKey, attempts.reason());
                    ended(storeKey, Generation.failed(storeKey, attempts.reason()));
                }
                case WAIT -> {
                    return;
                }
            }
        }
    }

    /** False if there is no room for it. */
    private boolean submitFirst(String storeKey) {
        Request first = firstInLine
                .filter(request -> request.storeKey().equals(storeKey))
                .orElseGet(() -> Request.of(pending.get(storeKey)));
        firstInLine = Optional.of(first);
        switch (submit(first)) {
            case Submission.Accepted accepted -> pending.leaveLine();
            case Submission.Refused refused -> ended(storeKey, refused.generation());
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
            List<Integer> made = pending.made(request.storeKey());
            Submission submission = session.submit(request.prompt(), made);
            if (submission instanceof Submission.Accepted) {
                resumePoints.begin(
                        request.storeKey(), made.size(), surroundings.time().nanoTime());
            }
            return submission;
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

    /** The engine is through with a running prompt. */
    private void ended(Generation generation) {
        String storeKey = generation.id();
        if (recall.takesBack(storeKey, generation)) {
            resumePoints.end(storeKey);
            attempts.withdraw(storeKey);
            return;
        }
        ended(storeKey, early.explained(generation));
    }

    private void ended(String storeKey, Generation generation) {
        PendingPrompt prompt = pending.remove(storeKey);
        resumePoints.end(storeKey);
        attempts.end(storeKey);
        PromptLoad load = PromptLoad.of(prompt.prompt());
        counters.pendingRemoved(1, load);
        counters.encoded(load, generation.usage());
        CompletionRecord completion = end(prompt, generation);
        for (String follower : pending.takeFollowers(storeKey)) {
            endFollower(follower, completion);
        }
    }

    /** The same prompt that came before has ended. If it did not succeed, the first that followed it takes its place. */
    private void endFollower(String storeKey, CompletionRecord first) {
        PendingPrompt prompt = pending.get(storeKey);
        if (first.status() == Generation.Status.SUCCEEDED) {
            pending.remove(storeKey);
            counters.pendingRemoved(1, PromptLoad.of(prompt.prompt()));
            forward(prompt, Outcome.copy(prompt, first));
            return;
        }
        switch (find(prompt)) {
            case Duplicates.Finding.Follows follows -> pending.follow(storeKey, follows.firstKey());
            case Duplicates.Finding.First ignored -> pending.goToLine(storeKey);
            case Duplicates.Finding.Answered answered -> pending.goToLine(storeKey);
            case Duplicates.Finding.Rejected rejected -> pending.goToLine(storeKey);
        }
    }

    private CompletionRecord end(PendingPrompt prompt, Generation ended) {
        Generation generation = fitting(ended);
        Outcome outcome = Outcome.of(prompt, generation, surroundings.sessions(), surroundings.engineVersion());
        forward(prompt, outcome);
        duplicates.ifPresent(known -> known.ended(prompt, outcome.completion(), context.currentSystemTimeMs()));
        return outcome.completion();
    }

    private void forward(PendingPrompt prompt, Outcome outcome) {
        counters.ended(outcome.completion().status());
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
            quarantine.close();
            counters.pendingRemoved(pending.size(), pending.load());
        }
    }
}
