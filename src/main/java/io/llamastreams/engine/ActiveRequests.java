package io.llamastreams.engine;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.schedule.Scheduler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/**
 * The requests inside the engine, from their coming in to their one end, and what is counted of them. Engine thread only.
 */
final class ActiveRequests {
    private static final int EXPECTATION_MEMORY = 16;

    private final Scheduler<ActiveText> scheduler;
    private final BlockPool pool;
    private final int embeddingLength;
    private final Map<Key, ActiveRequest> requests = new HashMap<>();
    private final PriorityQueue<ActiveRequest> deadlines =
            new PriorityQueue<>(Comparator.comparingLong(ActiveRequest::deadlineNanos));
    private final ArrayList<Outbox> touched = new ArrayList<>();
    private long arrivals;
    private long pendingTokens;
    private long promptTokens;
    private long completionTokens;
    private long finished;
    private long failed;
    private long expectedNewTokens;

    private record Key(Outbox outbox, String id) {}

    ActiveRequests(Scheduler<ActiveText> scheduler, BlockPool pool, int embeddingLength) {
        this.scheduler = scheduler;
        this.pool = pool;
        this.embeddingLength = embeddingLength;
    }

    long pendingTokens() {
        return pendingTokens;
    }

    long promptTokens() {
        return promptTokens;
    }

    long completionTokens() {
        return completionTokens;
    }

    long finished() {
        return finished;
    }

    long failed() {
        return failed;
    }

    /** @param maxTokens most tokens of the prompt and one text */
    void add(GenerationRequest request, Outbox outbox, int maxTokens, long submittedNanos) {
        ActiveRequest active = new ActiveRequest(request, outbox, maxTokens, submittedNanos, embeddingLength);
        if (requests.putIfAbsent(new Key(outbox, request.id()), active) != null) {
            throw new IllegalStateException("request " + request.id() + " is in the engine already");
        }
        pendingTokens += unbegunTokens(active);
        try {
            active.prepareOthers();
            active.add(new ActiveText(arrivals++, active, active.start(0), pool));
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            fail(active, "the guide of the text failed: " + e);
            return;
        }
        ActiveText first = active.texts().getFirst();
        pendingTokens -= request.madeIds().length;
        active.promptOutputs().ifPresent(outputs -> outputs.ask(first));
        scheduler.add(first);
        if (active.deadlineNanos() != SchedulingParams.NO_DEADLINE) {
            deadlines.add(active);
        }
        replay(first, submittedNanos);
    }

    /** Takes what was made of a text before it was interrupted through all that reads it along. */
    private void replay(ActiveText text, long nowNanos) {
        ActiveRequest active = text.request();
        boolean stopped = false;
        try {
            for (int token : active.request().madeIds()) {
                text.drawing().accept(token);
                stopped |= active.isStopToken(token) || text.control().watcher().endsWith(token);
                active.noteToken(nowNanos);
            }
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            fail(active, "the watcher of the text failed: " + e);
            return;
        }
        boolean isWhole = stopped || text.drawing().isEnded();
        if (isWhole || active.promptOutputs().isEmpty()) {
            tellMade(active);
        }
        if (isWhole) {
            end(active, FinishReason.STOP, nowNanos);
        } else if (text.unmadeTokens() == 0 && active.promptOutputs().isEmpty()) {
            end(active, FinishReason.LENGTH, nowNanos);
        }
    }

    /** Tells all that was looked for in known tokens, and the tokens that were made before an interruption once more. */
    void tellKnown(ActiveText text) {
        ActiveRequest active = text.request();
        active.promptOutputs().flatMap(PromptOutputs::promptEvent).ifPresent(event -> emit(active.outbox(), event));
        tellMade(active);
        text.wantNoMoreRows();
    }

    private void tellMade(ActiveRequest active) {
        PromptOutputs outputs = active.promptOutputs().orElseGet(() -> PromptOutputs.nothing(active.request()));
        for (int n = 0; n < active.request().madeIds().length; n++) {
            emit(active.outbox(), outputs.madeEvent(n));
        }
        active.endPromptOutputs();
    }

    /** Lets a further text go on beside the first one, which is at the end of its prompt. */
    void fork(ActiveText first, ActiveText.Start start) {
        ActiveText further = new ActiveText(arrivals++, first, start, pool);
        first.request().add(further);
        scheduler.fork(further, first);
    }

    /** Notes that a step computes something of a request. */
    void noteStep(ActiveRequest active, long nowNanos) {
        if (active.noteStep(nowNanos)) {
            promptTokens += active.prompt().length;
            pendingTokens -= active.prompt().length;
        }
    }

    /** Notes a token just made for a request. */
    void noteToken(ActiveRequest active, long nowNanos) {
        active.noteToken(nowNanos);
        completionTokens++;
        pendingTokens--;
    }

    /** Ends what came too late; true if there was something. */
    boolean expire(long nowNanos) {
        boolean any = false;
        while (!deadlines.isEmpty() && deadlines.peek().deadlineNanos() <= nowNanos) {
            end(deadlines.peek(), FinishReason.EXPIRED, nowNanos);
            any = true;
        }
        return any;
    }

    /** Ends a request with the tokens reported so far; does nothing if it has ended. */
    void cancel(Outbox outbox, String id, long nowNanos) {
        ActiveRequest active = requests.get(new Key(outbox, id));
        if (active != null) {
            end(active, FinishReason.CANCELLED, nowNanos);
        }
    }

    /** Ends all requests of an outbox that nobody reads any more. */
    void cancelAll(Outbox outbox, long nowNanos) {
        for (ActiveRequest active : new ArrayList<>(requests.values())) {
            if (active.outbox() == outbox) {
                end(active, FinishReason.CANCELLED, nowNanos);
            }
        }
    }

    /** Ends a text, and with the last one its request. */
    void end(ActiveText text, FinishReason reason, long nowNanos) {
        release(text);
        if (text.generatedTokens() > 0) {
            expect(text.generatedTokens());
        }
        if (text.request().noteEnd(text, reason)) {
            finish(text.request(), nowNanos);
        }
    }

    /** Ends a request by an error. */
    void fail(ActiveRequest active, String message) {
        pendingTokens -= unbegunTokens(active);
        for (ActiveText text : active.texts()) {
            if (!active.hasEnded(text)) {
                release(text);
            }
        }
        close(active);
        failed++;
        emit(active.outbox(), new TokenEvent.Failed(active.id(), message));
    }

    /** Ends all requests that hold blocks by an error. */
    void failRunning(String message) {
        for (ActiveText text : new ArrayList<>(scheduler.running())) {
            if (!text.request().isClosed()) {
                fail(text.request(), message);
            }
        }
    }

    /** Ends all requests by an error. */
    void failAll(String message) {
        for (ActiveRequest active : new ArrayList<>(requests.values())) {
            fail(active, message);
        }
    }

    /** Tells all requests that they failed and touches nothing else. */
    void abandonAll(String message) {
        for (ActiveRequest active : requests.values()) {
            emit(active.outbox(), new TokenEvent.Failed(active.id(), message));
        }
        requests.clear();
    }

    void emit(Outbox outbox, TokenEvent event) {
        if (outbox.add(event)) {
            touched.add(outbox);
        }
    }

    /** Wakes the owners of outboxes that have got events, if they wait; some of them not before a later call. */
    void wakeOwners(long nowNanos) {
        int kept = 0;
        for (int i = 0; i < touched.size(); i++) {
            Outbox outbox = touched.get(i);
            if (!outbox.maybeWakeOwner(nowNanos)) {
                touched.set(kept++, outbox);
            }
        }
        while (touched.size() > kept) {
            touched.removeLast();
        }
    }

    /** For tests: checks texts against sequences, and the count of pending tokens. */
    void checkIntegrity() {
        long live = requests.values().stream().flatMap(ActiveRequests::live).count();
        if (live != scheduler.running().size() + scheduler.waitingCount()) {
            throw new IllegalStateException("texts of requests and sequences differ in number");
        }
        long pending = 0;
        for (ActiveRequest active : requests.values()) {
            pending += unbegunTokens(active);
            pending += live(active).mapToLong(ActiveText::unmadeTokens).sum();
        }
        if (pending != pendingTokens) {
            throw new IllegalStateException("pending tokens: counted " + pending + ", noted " + pendingTokens);
        }
    }

    private void end(ActiveRequest active, FinishReason reason, long nowNanos) {
        pendingTokens -= unbegunTokens(active);
        active.noteEndOfOthers(reason);
        if (active.promptOutputs().isPresent()) {
            tellMade(active);
        }
        List<ActiveText> texts = active.texts();
        for (ActiveText text : texts) {
            if (!active.hasEnded(text)) {
                release(text);
                active.noteEnd(text, reason);
            }
        }
        finish(active, nowNanos);
    }

    private void finish(ActiveRequest active, long nowNanos) {
        close(active);
        finished++;
        emit(active.outbox(), active.finished(nowNanos));
    }

    private void close(ActiveRequest active) {
        active.close();
        if (active.deadlineNanos() != SchedulingParams.NO_DEADLINE) {
            deadlines.remove(active);
        }
        requests.remove(new Key(active.outbox(), active.id()));
    }

    private void release(ActiveText text) {
        pendingTokens -= text.unmadeTokens();
        scheduler.remove(text);
    }

    /** Learns how long texts are, by which room is kept for them. */
    private void expect(int newTokens) {
        expectedNewTokens += ((long) newTokens * EXPECTATION_MEMORY - expectedNewTokens) / EXPECTATION_MEMORY;
        scheduler.expect((int) (expectedNewTokens / EXPECTATION_MEMORY));
    }

    /** Tokens of what has not begun: the prompt, and texts that do not exist yet. */
    private static long unbegunTokens(ActiveRequest active) {
        long prompt = active.prompt().length;
        int others = active.request().samples() - active.texts().size();
        return (active.isStarted() ? 0 : prompt) + others * (active.maxTokens() - prompt);
    }

    private static Stream<ActiveText> live(ActiveRequest active) {
        return active.texts().stream().filter(text -> !active.hasEnded(text));
    }
}
