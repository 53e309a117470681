package io.llamastreams.engine;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.draft.DraftSwitch;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.sampling.BatchSampler;
import io.llamastreams.engine.sampling.Sampler;
import io.llamastreams.engine.schedule.Scheduler;
import io.llamastreams.engine.schedule.SchedulerLimits;
import io.llamastreams.engine.schedule.Sequence;
import io.llamastreams.engine.schedule.StepPlan;
import io.llamastreams.model.ForwardPass;
import io.llamastreams.stats.StepPhase;
import io.llamastreams.stats.StepProfile;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Generates text for many requests at once, a step at a time:
 *
 * <ol>
 *   <li>expire: requests whose deadline has passed end with what they have
 *   <li>schedule: which tokens of which sequences, see {@link Scheduler}, and guesses of what comes after them
 *   <li>forward: one pass over all of them
 *   <li>sample: each sequence that reached its last known token gets the next one, and more where its guesses were right; several
 *       sequences at a time on the pool's threads
 *   <li>deliver: tokens go to the outbox; a stop token, the watcher, the constraint, or the last token wanted ends the text, and
 *       the last text ends the request
 * </ol>
 *
 * What one request gets depends on its own tokens and parameters alone, since a row's logits do and random numbers are keyed
 * by seed, sample and position. A request that fails (logits that are not numbers, a watcher or constraint that throws) fails alone.
 *
 * <p>Engine thread only: the thread that calls {@link #step} first, normally {@link EngineLoop}'s. A steady step allocates
 * the events and nothing else.
 */
public final class Engine {
    private final LongSupplier nanoClock;
    private final EngineLimits limits;
    private final StepProfile profile;
    private final WorkerPool workers;
    private final BlockPool pool;
    private final Scheduler<ActiveText> scheduler;
    private final StepRun run;
    private final DraftSwitch drafting = new DraftSwitch();
    private final int vocabularySize;
    private final int contextLength;
    private final ActiveRequests requests;
    private long steps;
    private long stepEndNanos;
    private long computedTokens;
    private long draftTokens;
    private long acceptedDraftTokens;

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
     * @param nanoClock for statistics, deadlines and ageing; called by any thread
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
        this.limits = limits;
        this.nanoClock = nanoClock;
        this.profile = profile;
        this.workers = workers;
        vocabularySize = forward.config().vocabularySize();
        contextLength = forward.config().contextLength();
        pool = new BlockPool(forward.blockCount(), forward.blockTokens(), prefixCache);
        int maxStepTokens = Math.min(limits.maxStepTokens(), forward.maxRows());
        int maxSequences = Math.min(Math.min(limits.maxBatchSequences(), forward.maxLogitRows()), maxStepTokens);
        scheduler = new Scheduler<>(
                pool,
                new SchedulerLimits(
                        maxSequences,
                        maxStepTokens,
                        forward.maxLogitRows(),
                        limits.policy().ageing().toNanos(),
                        limits.policy().keepsRoom(),
                        limits.policy().tenantWeights()));
        run = new StepRun(forward, kernels, workers, maxSequences);
        requests = new ActiveRequests(scheduler, pool, forward.config().embeddingLength());
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
        return contextLength;
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

    /** Tokens that a request comes to at most: its prompt, and all its texts. Any thread. */
    long allTokens(GenerationRequest request) {
        int prompt = request.promptIds().length;
        return prompt + (long) request.samples() * (maxTokens(request) - prompt);
    }

    /** Takes a request in, which must fit and whose id must be new to its outbox. */
    void add(GenerationRequest request, Outbox outbox, long submittedNanos) {
        requests.add(request, outbox, maxTokens(request), submittedNanos);
    }

    /** Ends a request with the tokens reported so far; does nothing if it has ended. */
    void cancel(Outbox outbox, String id) {
        requests.cancel(outbox, id, nanoClock.getAsLong());
    }

    /** Ends all requests of an outbox that nobody reads any more. */
    void cancelAll(Outbox outbox) {
        requests.cancelAll(outbox, nanoClock.getAsLong());
    }

    /** Tells a request that never came in that it failed. */
    void refuse(GenerationRequest request, Outbox outbox, String message) {
        requests.emit(outbox, new TokenEvent.Failed(request.id(), message));
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
        long startedNanos = nanoClock.getAsLong();
        boolean expired = requests.expire(startedNanos);
        guess();
        StepPlan<ActiveText> plan = scheduler.schedule(startedNanos);
        if (plan.size() == 0) {
            return expired;
        }
        for (int i = 0; i < plan.size(); i++) {
            requests.noteStep(plan.sequence(i).request(), startedNanos);
        }
        run.fill(plan);
        profile.lap(StepPhase.SCHEDULING, 0);
        run.forward();
        steps++;
        computedTokens += plan.tokens();
        run.draw(plan);
        profile.lap(StepPhase.SAMPLING, workers.takeWaitedNanos());
        stepEndNanos = nanoClock.getAsLong();
        long tokensBefore = requests.completionTokens();
        boolean decodesOnly = plan.outputs() == plan.tokens();
        deliver(plan, stepEndNanos);
        if (limits.maxDraftTokens() > 0 && decodesOnly) {
            drafting.note(stepEndNanos - startedNanos, (int) (requests.completionTokens() - tokensBefore));
        }
        profile.lap(StepPhase.SCHEDULING, 0);
        profile.endStep(run.rows(), run.logitRows());
        return true;
    }

    boolean hasRequests() {
        return scheduler.hasSequences();
    }

    /** Ends all requests that hold blocks by an error. */
    void failRunning(String message) {
        requests.failRunning(message);
    }

    /** Ends all requests by an error. */
    void failAll(String message) {
        requests.failAll(message);
    }

    /** Tells all requests that they failed, when nothing else in here can be trusted any more; the engine's end. */
    void abandonAll(String message) {
        requests.abandonAll(message);
        wakeOwners();
    }

    /** Wakes the owners of outboxes that have got events, if they wait; some of them not before a later call. */
    void wakeOwners() {
        requests.wakeOwners(stepEndNanos);
    }

    EngineStatus status() {
        return EngineStatus.of(this::number);
    }

    /** One of the numbers of {@link EngineStatus}, as it is now. */
    long number(EngineNumber number) {
        return switch (number) {
            case RUNNING -> scheduler.running().size();
            case WAITING -> scheduler.waitingCount();
            case PENDING_TOKENS -> requests.pendingTokens();
            case KV_BLOCKS_USED -> pool.usedCount();
            case KV_BLOCKS_CACHED -> pool.cachedCount();
            case KV_BLOCKS_TOTAL -> pool.blockCount();
            case KV_BLOCKS_PEAK -> pool.usedPeak();
            case STEPS -> steps;
            case COMPUTED_TOKENS -> computedTokens;
            case PROMPT_TOKENS -> requests.promptTokens();
            case COMPLETION_TOKENS -> requests.completionTokens();
            case FINISHED_REQUESTS -> requests.finished();
            case FAILED_REQUESTS -> requests.failed();
            case PREEMPTIONS -> scheduler.preemptions();
            case PREFIX_QUERY_TOKENS -> scheduler.prefixQueryTokens();
            case PREFIX_HIT_TOKENS -> scheduler.prefixHitTokens();
            case PREFIX_EVICTIONS -> pool.evictions();
            case DRAFT_TOKENS -> draftTokens;
            case ACCEPTED_DRAFT_TOKENS -> acceptedDraftTokens;
        };
    }

    /** For tests: checks blocks, holders and sequences against each other. */
    void checkIntegrity() {
        scheduler.checkIntegrity();
        requests.checkIntegrity();
    }

    /** Guesses what comes next in each text that has one token to compute. */
    private void guess() {
        if (limits.maxDraftTokens() == 0) {
            return;
        }
        boolean guesses = drafting.isOn();
        for (ActiveText text : scheduler.running()) {
            boolean mayGuess = guesses && text.remaining() == 1 && text.generatedTokens() > 0;
            int guessed = mayGuess ? text.drafts().guess(text.tokens(), text.known(), limits.maxDraftTokens()) : 0;
            text.guess(text.drafts().draft(), guessed);
        }
    }

    private void deliver(StepPlan<ActiveText> plan, long nowNanos) {
        int other = 0;
        for (int i = 0; i < plan.size(); i++) {
            ActiveText text = plan.sequence(i);
            ActiveRequest active = text.request();
            text.advance(plan.tokenCount(i));
            if (active.promptOutputs().isPresent()) {
                takePromptOutputs(text, i, nowNanos);
            }
            int others =
                    run.hasDrawn(i) && active.awaitsOthers() ? active.request().samples() - 1 : 0;
            if (run.hasDrawn(i) && !active.isClosed()) {
                for (int n = 0; n < others; n++) {
                    requests.fork(text, run.others().get(other + n));
                }
                takeTokens(text, run.drawn(i), plan.draftCount(i), nowNanos);
                for (int n = 0; n < others; n++) {
                    takeTokens(active.texts().get(n + 1), run.otherDrawn(other + n), 0, nowNanos);
                }
            }
            other += others;
        }
    }

    /** Hears what is wanted of known tokens' rows, and tells it when all are computed. */
    private void takePromptOutputs(ActiveText text, int i, long nowNanos) {
        ActiveRequest active = text.request();
        PromptOutputs outputs = active.promptOutputs().orElseThrow();
        Optional<String> failure = run.scoringFailure(i);
        if (failure.isPresent()) {
            requests.fail(active, failure.get());
            return;
        }
        run.tell(text, i);
        outputs.ask(text);
        if (text.remaining() > 0) {
            return;
        }
        requests.tellKnown(text);
        if (text.unmadeTokens() == 0) {
            requests.end(text, FinishReason.LENGTH, nowNanos);
        }
    }

    private void takeTokens(ActiveText text, int drawn, int guessed, long nowNanos) {
        BatchSampler sampler = run.sampler();
        int count = sampler.drawn(drawn);
        if (guessed > 0) {
            draftTokens += guessed;
            int accepted = Math.max(0, count - 1);
            acceptedDraftTokens += accepted;
            text.drafts().learn(guessed, accepted);
        }
        for (int n = 0; n < count && text.state() != Sequence.State.ENDED; n++) {
            int token = sampler.token(drawn, n);
            if (token == Sampler.NOT_NUMBERS) {
                requests.fail(text.request(), "the model's logits for position " + text.known() + " are not numbers");
                return;
            }
            if (n > 0) {
                text.advance(1); // the guess was right, so its row is computed
            }
            text.append(token);
            requests.noteToken(text.request(), nowNanos);
            requests.emit(
                    text.request().outbox(),
                    new TokenEvent.Token(
                            text.request().id(),
                            text.sample(),
                            token,
                            sampler.logprob(drawn, n),
                            sampler.likeliest(drawn, n)));
            endIfComplete(text, token, n == count - 1, nowNanos);
        }
        // a text that has ended before the row that failed would not have come to it without a draft
        Optional<String> failure = sampler.failure(drawn);
        if (failure.isPresent() && text.state() != Sequence.State.ENDED) {
            requests.fail(text.request(), failure.get());
        }
    }

    /** @param isLast whether the text's state has seen no token after this one */
    private void endIfComplete(ActiveText text, int token, boolean isLast, long nowNanos) {
        boolean stopped;
        try {
            stopped = text.request().isStopToken(token)
                    || text.control().watcher().endsWith(token)
                    || isLast && text.drawing().isEnded();
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            requests.fail(text.request(), "the watcher of the text failed: " + e);
            return;
        }
        if (stopped) {
            requests.end(text, FinishReason.STOP, nowNanos);
        } else if (text.unmadeTokens() == 0) {
            requests.end(text, FinishReason.LENGTH, nowNanos);
        } else if (text.request()
                .request()
                .ending()
                .repetition()
                .isReached(text.tokens(), text.promptTokens(), text.known())) {
            requests.end(text, FinishReason.REPETITION, nowNanos);
        }
    }
}
