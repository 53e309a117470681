package io.llamastreams.engine;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.Guide;
import io.llamastreams.engine.request.RequestStatistics;
import io.llamastreams.engine.sampling.SampleState;
import io.llamastreams.engine.schedule.Sequence;

/** A request inside the engine: its sequence, where its events go, and when what happened. Engine thread only. */
final class ActiveRequest extends Sequence {
    private final GenerationRequest request;
    private final Guide guide;
    private final SampleState drawing;
    private final Outbox outbox;
    private final long submittedNanos;
    private long startedNanos;
    private long firstTokenNanos;
    private boolean started;

    ActiveRequest(
            long arrival,
            GenerationRequest request,
            Outbox outbox,
            int maxTokens,
            long submittedNanos,
            BlockPool pool) {
        super(arrival, request.claim().priority(), request.promptIds(), maxTokens, pool);
        this.request = request;
        guide = request.guides().apply(0);
        drawing = new SampleState(
                request.sampling(),
                0,
                request.promptIds(),
                request.ending().stopTokenIds(),
                guide.constraint(),
                maxTokens - request.promptIds().length);
        this.outbox = outbox;
        this.submittedNanos = submittedNanos;
    }

    GenerationRequest request() {
        return request;
    }

    Guide guide() {
        return guide;
    }

    SampleState drawing() {
        return drawing;
    }

    String id() {
        return request.id();
    }

    Outbox outbox() {
        return outbox;
    }

    /** Notes a step that computes something of this request; true for the first. */
    boolean noteStep(long nowNanos) {
        if (started) {
            return false;
        }
        started = true;
        startedNanos = nowNanos;
        return true;
    }

    /** Notes a token just made. */
    void noteToken(long nowNanos) {
        if (generatedTokens() == 1) {
            firstTokenNanos = nowNanos;
        }
    }

    /** Tokens that may still be needed: the prompt until it is begun, and the new ones that are not yet made. */
    int pendingTokens() {
        return maxTokens() - (started ? known() : 0);
    }

    boolean isStopToken(int token) {
        for (int stop : request.ending().stopTokenIds()) {
            if (stop == token) {
                return true;
            }
        }
        return false;
    }

    /** What the request cost when it ends now; times that were not reached are 0. */
    RequestStatistics statistics(long nowNanos) {
        boolean hasTokens = generatedTokens() > 0;
        return new RequestStatistics(
                promptTokens(),
                cachedPromptTokens(),
                generatedTokens(),
                preemptions(),
                (started ? startedNanos : nowNanos) - submittedNanos,
                !started ? 0 : (hasTokens ? firstTokenNanos : nowNanos) - startedNanos,
                hasTokens ? nowNanos - firstTokenNanos : 0);
    }
}
