package io.llamastreams.engine;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.sampling.BatchSampler;
import io.llamastreams.engine.sampling.Sampler;
import io.llamastreams.engine.schedule.Scheduler;
import io.llamastreams.engine.schedule.StepPlan;
import io.llamastreams.model.ForwardBatch;
import io.llamastreams.model.ForwardPass;
import io.llamastreams.stats.StepPhase;
import io.llamastreams.stats.StepProfile;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Generates text for many requests at once, a step at a time:
 *
 * <ol>
 *   <li>schedule: which tokens of which sequences, see {@link Scheduler}
 *   <li>forward: one pass over all of them
 *   <li>update: the computed tokens are noted and full blocks made known to others
 *   <li>sample: each sequence that reached its last known token gets the next one, several at a time on the pool's threads
 *   <li>deliver: the token goes to the outbox; a stop token, the watcher, or the last token wanted ends the request
 * </ol>
 *
 * What one request gets depends on its own tokens and parameters alone, since a row's logits do and random numbers are keyed
 * by seed and position. A request that fails (logits that are not numbers, a watcher that throws) fails alone.
 *
 * <p>Engine thread only: the thread that calls {@link #step} first, normally {@link EngineLoop}'s. A steady step allocates
 * the events and nothing else.
 */
public final class Engine {
    private final ForwardPass forward;
    private final EngineLimits limits;
    private final LongSupplier nanoClock;
    private final StepProfile profile;
    private final WorkerPool workers;
    private final BlockPool pool;
    private final Scheduler<ActiveRequest> scheduler;
    private final BatchSampler sampler;
    private final ForwardBatch batch;
    private final int vocabularySize;
    private final Map<RequestKey, ActiveRequest> requests = new HashMap<>();
    private final ArrayList<Outbox> touched = new ArrayList<>();
    private long arrivals;
    private long pendingTokens;
    private long steps;
    private long stepEndNanos;
    private long computedTokens;
    private long promptTokens;
    private long completionTokens;
    private long finishedRequests;
    private long failedRequests;

    private record RequestKey(Outbox outbox, String id) {}

    /** As the longer form, with an engine thread that samples alone. */
    public Engine(
            ForwardPass forward, Kernels kernels, EngineLimits limits, boolean prefixCache, LongSupplier nanoClock) {
        this(forward, kernels, new WorkerPool(1), limits, prefixCache, nanoClock);
    }

    /**
     * An engine with nothing to do.
     *
     * @param forward used by this engine alone; stays the caller's to close
     * @param workers help to sample; may be the forward pass's own; stay the caller's to close
     * @param prefixCache whether computed prefixes are shared between requests
     * @param nanoClock for statistics alone; called by any thread
     */
    public Engine(
            ForwardPass forward,
            Kernels kernels,
            WorkerPool workers,
            EngineLimits limits,
            boolean prefixCache,
            LongSupplier nanoClock) {
        this(forward, kernels, workers, limits, prefixCache, nanoClock, StepProfile.OFF);
    }

    /**
     * As the shorter form.
     *
     * @param profile hears of every step
     */
    public Engine(
            ForwardPass forward,
            Kernels kernels,
            WorkerPool workers,
            EngineLimits limits,
            boolean prefixCache,
            LongSupplier nanoClock,
            StepProfile profile) {
        this.forward = forward;
        this.limits = limits;
        this.nanoClock = nanoClock;
        this.profile = profile;
        this.workers = workers;
        vocabularySize = forward.config().vocabularySize();
        pool = new BlockPool(forward.blockCount(), forward.blockTokens(), prefixCache);
        int maxStepTokens = Math.min(limits.maxStepTokens(), forward.maxRows());
        int maxSequences = Math.min(Math.min(limits.maxBatchSequences(), forward.maxLogitRows()), maxStepTokens);
        scheduler = new Scheduler<>(pool, maxSequences, maxStepTokens);
        sampler = new BatchSampler(kernels, workers, vocabularySize);
        batch = new ForwardBatch(forward.maxRows(), forward.maxLogitRows());
    }

    EngineLimits limits() {
        return limits;
    }

    LongSupplier nanoClock() {
        return nanoClock;
    }

    int vocabularySize() {
        return vocabularySize;
    }

    int contextLength() {
        return forward.config().contextLength();
    }

    /** Tokens that the whole pool holds. */
    long poolTokens() {
        return (long) pool.blockCount() * pool.blockTokens();
    }

    /**
     * Most tokens that this request can come to: what it asks for, cut to the context. Never to the pool, which is no property
     * of the model: what does not fit is refused, lest a text depend on the memory of the instance that made it. Any thread.
     */
    int maxTokens(GenerationRequest request) {
        long wanted = (long) request.promptIds().length + request.maxNewTokens();
        return (int) Math.min(contextLength(), wanted);
    }

    /** Takes a request in, which must fit and whose id must be new to its outbox. */
    void add(GenerationRequest request, Outbox outbox, long submittedNanos) {
        ActiveRequest active = new ActiveRequest(arrivals++, request, outbox, maxTokens(request), submittedNanos, pool);
        if (requests.putIfAbsent(new RequestKey(outbox, request.id()), active) != null) {
            throw new IllegalStateException("request " + request.id() + " is in the engine already");
        }
        pendingTokens += active.maxTokens();
        scheduler.add(active);
    }

    /** Ends a request with the tokens reported so far; does nothing if it has ended. */
    void cancel(Outbox outbox, String id) {
        ActiveRequest active = requests.get(new RequestKey(outbox, id));
        if (active != null) {
            finish(active, FinishReason.CANCELLED, nanoClock.getAsLong());
        }
    }

    /** Ends all requests of an outbox that nobody reads any more. */
    void cancelAll(Outbox outbox) {
        for (ActiveRequest active : new ArrayList<>(requests.values())) {
            if (active.outbox() == outbox) {
                finish(active, FinishReason.CANCELLED, nanoClock.getAsLong());
            }
        }
    }

    /** Tells a request that never came in that it failed. */
    void refuse(GenerationRequest request, Outbox outbox, String message) {
        emit(outbox, new TokenEvent.Failed(request.id(), message));
    }

    /**
     * Does one step.
     *
     * @return false if there was nothing to do
     * @throws RuntimeException of the forward pass; then no request has advanced, and {@link #failRunning} lets the engine go
     *     on without those that may have caused it
     */
    boolean step() {
        profile.beginStep();
        StepPlan<ActiveRequest> plan = scheduler.schedule();
        if (plan.size() == 0) {
            return false;
        }
        long startedNanos = nanoClock.getAsLong();
        fillBatch(plan, startedNanos);
        profile.lap(StepPhase.SCHEDULING, 0);
        forward.forward(batch);
        steps++;
        computedTokens += plan.tokens();
        sample(plan);
        profile.lap(StepPhase.SAMPLING, workers.takeWaitedNanos());
        stepEndNanos = nanoClock.getAsLong();
        deliver(plan, stepEndNanos);
        profile.lap(StepPhase.SCHEDULING, 0);
        profile.endStep(batch.rows(), batch.logitRowCount());
        return true;
    }

    boolean hasRequests() {
        return scheduler.hasSequences();
    }

    /** Ends all requests that hold blocks by an error. */
    void failRunning(String message) {
        for (ActiveRequest active : new ArrayList<>(scheduler.running())) {
            fail(active, message);
        }
    }

    /** Ends all requests by an error. */
    void failAll(String message) {
        for (ActiveRequest active : new ArrayList<>(requests.values())) {
            fail(active, message);
        }
    }

    /** Tells all requests that they failed, when nothing else in here can be trusted any more; the engine's end. */
    void abandonAll(String message) {
        for (ActiveRequest active : requests.values()) {
            emit(active.outbox(), new TokenEvent.Failed(active.id(), message));
        }
        requests.clear();
        wakeOwners();
    }

    /** Wakes the owners of outboxes that have got events, if they wait; some of them not before a later call. */
    void wakeOwners() {
        int kept = 0;
        for (int i = 0; i < touched.size(); i++) {
            Outbox outbox = touched.get(i);
            if (!outbox.maybeWakeOwner(stepEndNanos)) {
                touched.set(kept++, outbox);
            }
        }
        while (touched.size() > kept) {
            touched.removeLast();
        }
    }

    EngineStatus status() {
        long[] numbers = new long[EngineStatus.NUMBERS];
        writeStatus(numbers);
        return EngineStatus.of(numbers);
    }

    /** Writes the numbers of {@link EngineStatus} in the order of its components. Allocates nothing. */
    void writeStatus(long[] out) {
        out[0] = scheduler.running().size();
        out[1] = scheduler.waitingCount();
        out[2] = pendingTokens;
        out[3] = pool.usedCount();
        out[4] = pool.cachedCount();
        out[5] = pool.blockCount();
        out[6] = pool.usedPeak();
        out[7] = steps;
        out[8] = computedTokens;
        out[9] = promptTokens;
        out[10] = completionTokens;
        out[11] = finishedRequests;
        out[12] = failedRequests;
        out[13] = scheduler.preemptions();
        out[14] = scheduler.prefixQueryTokens();
        out[15] = scheduler.prefixHitTokens();
        out[16] = pool.evictions();
    }

    /** For tests: checks blocks, holders and sequences against each other. */
    void checkIntegrity() {
        scheduler.checkIntegrity();
        if (requests.size() != scheduler.running().size() + scheduler.waitingCount()) {
            throw new IllegalStateException("requests and sequences differ in number");
        }
    }

    private void fillBatch(StepPlan<ActiveRequest> plan, long nowNanos) {
        batch.clear();
        for (int i = 0; i < plan.size(); i++) {
            ActiveRequest active = plan.sequence(i);
            int[] blocks = active.blocks();
            int end = active.computed() + plan.tokenCount(i);
            int plainEnd = end == active.known() ? end - 1 : end;
            for (int position = active.computed(); position < plainEnd; position++) {
                batch.add(active.token(position), position, blocks);
            }
            if (plainEnd < end) {
                batch.addWithLogits(active.token(plainEnd), plainEnd, blocks);
            }
            if (active.noteStep(nowNanos)) {
                promptTokens += active.promptTokens();
                pendingTokens -= active.promptTokens();
            }
        }
    }

    /** Rows with logits are in the order of the plan, so the n-th sequence that reached its end has the n-th logits. */
    private void sample(StepPlan<ActiveRequest> plan) {
        sampler.clear();
        int row = 0;
        for (int i = 0; i < plan.size(); i++) {
            ActiveRequest active = plan.sequence(i);
            active.advance(plan.tokenCount(i));
            if (active.remaining() == 0) {
                sampler.add(
                        active.drawing(),
                        row++,
                        active.known(),
                        active.request().report().logprobs());
            }
        }
        sampler.draw(forward.logits());
    }

    private void deliver(StepPlan<ActiveRequest> plan, long nowNanos) {
        int row = 0;
        for (int i = 0; i < plan.size(); i++) {
            ActiveRequest active = plan.sequence(i);
            if (active.remaining() == 0) {
                takeToken(active, sampler.token(row, 0), sampler.logprob(row, 0), sampler.likeliest(row, 0), nowNanos);
                row++;
            }
        }
    }

    private void takeToken(ActiveRequest active, int token, float logprob, Likeliest likeliest, long nowNanos) {
        if (token == Sampler.NOT_NUMBERS) {
            fail(active, "the model's logits for position " + active.known() + " are not numbers");
            return;
        }
        active.append(token);
        active.noteToken(nowNanos);
        completionTokens++;
        pendingTokens--;
        emit(active.outbox(), new TokenEvent.Token(active.id(), 0, token, logprob, likeliest));
        endIfComplete(active, token, nowNanos);
    }

    private void endIfComplete(ActiveRequest active, int token, long nowNanos) {
        boolean stopped;
        try {
            stopped = active.isStopToken(token) || active.guide().watcher().endsWith(token);
        } catch (RuntimeException e) {
            fail(active, "the watcher of the text failed: " + e);
            return;
        }
        if (stopped) {
            finish(active, FinishReason.STOP, nowNanos);
        } else if (active.known() == active.maxTokens()) {
            finish(active, FinishReason.LENGTH, nowNanos);
        }
    }

    private void finish(ActiveRequest active, FinishReason reason, long nowNanos) {
        remove(active);
        finishedRequests++;
        emit(active.outbox(), new TokenEvent.Finished(active.id(), List.of(reason), active.statistics(nowNanos)));
    }

    private void fail(ActiveRequest active, String message) {
        remove(active);
        failedRequests++;
        emit(active.outbox(), new TokenEvent.Failed(active.id(), message));
    }

    private void emit(Outbox outbox, TokenEvent event) {
        if (outbox.add(event)) {
            touched.add(outbox);
        }
    }

    private void remove(ActiveRequest active) {
        requests.remove(new RequestKey(active.outbox(), active.id()));
        pendingTokens -= active.pendingTokens();
        scheduler.remove(active);
    }
}
