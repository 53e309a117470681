package io.llamastreams.topology.prompt;

import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import io.llamastreams.topology.config.IntakeLimits;
import io.llamastreams.topology.config.TimeSource;
import io.llamastreams.topology.record.Arrival;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.ControlAcknowledgement;
import io.llamastreams.topology.record.ControlCommand;
import io.llamastreams.topology.record.Departure;
import io.llamastreams.topology.record.IncomingPrompt;
import io.llamastreams.topology.record.Outcome;
import io.llamastreams.topology.record.PendingPrompt;
import io.llamastreams.topology.record.StoredCommand;
import io.llamastreams.topology.serde.AnswerSize;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
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
 *   <li>A tick finds its end: outcome forwarded, entry deleted, in one transaction. {@linkplain Cancellations Commands and
 *       deadlines} may end it before.
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
public final class PromptProcessor implements Processor<byte[], Arrival, byte[], Departure> {
    public static final String PENDING_STORE = "pending-prompts";
    public static final String CONTROL_STORE = "control-commands";

    /** Where {@linkplain Duplicates} are recognised only. */
    public static final String ANSWER_STORE = "answers";

    private static final Logger log = LoggerFactory.getLogger(PromptProcessor.class);

    private final TaskContext taskContext;
    private final PromptCounters counters;
    private final IntakeLimits limits;

    private ProcessorContext<byte[], Departure> context;
    private PendingPrompts pending;
    private Handover handover;
    private Cancellations cancellations;
    private Optional<Duplicates> duplicates = Optional.empty();
    private Optional<Cancellable> ticking = Optional.empty();
    private long waitNanosLeft;

    public PromptProcessor(TaskContext taskContext, IntakeLimits limits) {
        this.taskContext = taskContext;
        this.counters = taskContext.counters();
        this.limits = limits;
    }

    /** Also called again, after {@link #close}, when a task is revived; the store is restored by then. */
    @Override
    public void init(ProcessorContext<byte[], Departure> newContext) {
        context = newContext;
        ticking = Optional.empty();
        waitNanosLeft = limits.times().longestWait().toNanos();
        KeyValueStore<String, byte[]> store = context.getStateStore(PENDING_STORE);
        pending = new PendingPrompts(store);
        handover = new Handover(
                pending, taskContext, limits, (entry, generation) -> ended(entry, cancellations.explained(generation)));
        cancellations = new Cancellations(
                pending,
                new Commands(
                        context.getStateStore(CONTROL_STORE),
                        limits.times().controlRetention(),
                        context.currentSystemTimeMs()),
                new IncrementalScan(limits.times().tick().dividedBy(4), taskContext.time()::nanoTime),
                newContext::currentSystemTimeMs,
                taskContext.time(),
                new CancellationsOfTask());
        duplicates = limits.duplicates().isOff()
                ? Optional.empty()
                : Optional.of(new Duplicates(
                        context.getStateStore(ANSWER_STORE), limits.duplicates(), context.currentSystemTimeMs()));
        if (pending.size() > 0) {
            log.info(
                    "task={} pending prompts found, submitting them again: count={}", context.taskId(), pending.size());
            counters.resubmitted(pending.size());
            counters.pendingAdded(pending.size(), pending.load());
        }
        if (pending.size() > 0 || cancellations.isBusy()) {
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
        cancellations.receive(
                new StoredCommand(command, context.currentSystemTimeMs(), place.topic(), place.partition(), 0, false));
        if (cancellations.isBusy()) {
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
        if (encoded.length > limits.sizes().maxPromptBytes()) {
            String reason = "prompt record: expected at most " + limits.sizes().maxPromptBytes() + " bytes, found "
                    + encoded.length;
            end(prompt, Generation.rejected(prompt.prompt().id(), reason));
            return;
        }
        Optional<Generation> endAtOnce = cancellations.endAtOnce(prompt);
        if (endAtOnce.isPresent()) {
            end(prompt, endAtOnce.get());
            return;
        }
        if (pending.size() >= limits.sizes().maxPending()) {
            drainWhileFull();
        }
        switch (find(prompt)) {
            case Duplicates.Finding.First first -> take(prompt, encoded);
            case Duplicates.Finding.Follows follows -> {
                cancellations.addWaiting(pending.addFollower(prompt, encoded, follows.first()), prompt);
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
        if (limits.times().defaultDeadline().isZero() || prompt.deadlineMillis().isPresent()) {
            return pending;
        }
        long sentMillis = pending.timestamp() > 0 ? pending.timestamp() : context.currentSystemTimeMs();
        return pending.withPrompt(prompt.withDeadlineMillis(
                sentMillis + limits.times().defaultDeadline().toMillis()));
    }

    private void take(PendingPrompt prompt, byte[] encoded) {
        switch (handover.offer(prompt, encoded)) {
            case Submission.Accepted accepted -> {}
            case Submission.Busy busy -> cancellations.addWaiting(pending.entry(prompt.origin()), prompt);
            case Submission.Refused refused -> {
                end(prompt, refused.generation());
                return;
            }
        }
        counters.pendingAdded(1, PromptLoad.of(prompt.prompt()));
        keepTicking();
    }

    /**
     * Makes room, for as long as this tick's budget of waiting lasts. After that the record is taken in nevertheless: pausing
     * the partition is not in a processor's power, and waiting longer would cost the transaction.
     */
    private void drainWhileFull() {
        TimeSource time = taskContext.time();
        long startNanos = time.nanoTime();
        long spentNanos = 0;
        while (pending.size() >= limits.sizes().maxPending() && spentNanos < waitNanosLeft) {
            handover.await(
                    Duration.ofNanos(waitNanosLeft - spentNanos), limits.times().tick());
            handover.exchange();
            spentNanos = time.nanoTime() - startNanos;
        }
        waitNanosLeft -= spentNanos;
    }

    private void tick(long now) {
        waitNanosLeft = limits.times().longestWait().toNanos();
        pending.deleteLostNotes();
        handover.beginTick();
        cancellations.tick();
        handover.exchange();
        handover.storeTexts();
        cancellations.settle();
        if (handover.prepare(cancellations::hasAsked)) {
            context.commit();
        }
        if (pending.size() == 0 && !cancellations.isBusy()) {
            // each tick asks for a commit, so an idle task must not tick
            ticking.ifPresent(Cancellable::cancel);
            ticking = Optional.empty();
        }
    }

    private final class CancellationsOfTask implements Cancellations.Task {
        @Override
        public void end(PendingEntry entry, Generation generation) {
            ended(entry, generation);
        }

        @Override
        public void cancel(PendingEntry entry) {
            handover.cancel(entry);
        }

        @Override
        public void acknowledge(StoredCommand command) {
            ControlAcknowledgement acknowledgement = new ControlAcknowledgement(
                    command.command().id(),
                    command.topic(),
                    command.partition(),
                    taskContext.peers().name(),
                    command.cancelled());
            context.forward(new Record<>(
                    acknowledgement.commandId().getBytes(StandardCharsets.UTF_8),
                    acknowledgement,
                    context.currentSystemTimeMs()));
        }
    }

    private void keepTicking() {
        if (ticking.isEmpty()) {
            ticking = Optional.of(context.schedule(limits.times().tick(), PunctuationType.WALL_CLOCK_TIME, this::tick));
        }
    }

    private void ended(PendingEntry entry, Generation generation) {
        List<PendingEntry> followers = entry.followers();
        PendingPrompt prompt = pending.remove(entry);
        PromptLoad load = PromptLoad.of(prompt.prompt());
        counters.pendingRemoved(1, load);
        counters.encoded(load, generation.usage());
        CompletionRecord completion = end(prompt, generation);
        for (PendingEntry follower : followers) {
            endFollower(follower, completion);
        }
    }

    /** The same prompt that came before has ended. If it did not succeed, the first that followed it takes its place. */
    private void endFollower(PendingEntry entry, CompletionRecord first) {
        PendingPrompt prompt = pending.get(entry);
        if (first.status() == Generation.Status.SUCCEEDED) {
            pending.remove(entry);
            counters.pendingRemoved(1, PromptLoad.of(prompt.prompt()));
            forward(prompt, Outcome.copy(prompt, first));
            return;
        }
        switch (find(prompt)) {
            case Duplicates.Finding.Follows follows -> pending.follow(entry, follows.first());
            case Duplicates.Finding.First ignored -> pending.goToLine(entry);
            case Duplicates.Finding.Answered answered -> pending.goToLine(entry);
            case Duplicates.Finding.Rejected rejected -> pending.goToLine(entry);
        }
    }

    private CompletionRecord end(PendingPrompt prompt, Generation ended) {
        Generation generation = fitting(ended);
        Outcome outcome = Outcome.of(prompt, generation, lineage(prompt, generation));
        forward(prompt, outcome);
        duplicates.ifPresent(known -> known.ended(prompt, outcome.completion(), context.currentSystemTimeMs()));
        return outcome.completion();
    }

    private CompletionRecord.Lineage lineage(PendingPrompt pending, Generation generation) {
        PromptSessions sessions = taskContext.sessions();
        return new CompletionRecord.Lineage(
                pending.origin(),
                Instant.ofEpochMilli(pending.timestamp()),
                sessions.modelName(),
                generation.seed(),
                taskContext.engineVersion(),
                sessions.kvType(),
                sessions.digests().of(pending.prompt()));
    }

    private void forward(PendingPrompt prompt, Outcome outcome) {
        counters.ended(outcome.completion().status());
        context.forward(
                new Record<>(prompt.key().orElse(null), outcome, context.currentSystemTimeMs(), prompt.headers()));
    }

    /** An answer that no record can hold would be made again and again, in vain: it fails instead. */
    private Generation fitting(Generation generation) {
        long bytes = AnswerSize.bytes(generation.answer());
        if (bytes <= limits.sizes().maxAnswerBytes()) {
            return generation;
        }
        String error = "answer: expected at most " + limits.sizes().maxAnswerBytes() + " bytes, found about " + bytes
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
        if (handover != null) {
            handover.close();
            handover = null;
            counters.pendingRemoved(pending.size(), pending.load());
        }
    }
}
