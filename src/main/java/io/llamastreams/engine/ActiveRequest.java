package io.llamastreams.engine;

import io.llamastreams.engine.request.DecodingControl;
import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.RequestStatistics;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.sampling.SampleState;
import io.llamastreams.engine.schedule.SchedulingKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request inside the engine: its texts, where its events go, and when what happened.
 *
 * <pre>
 *   first text: prompt --- computed ---> its first token; from here on the other texts go on beside it
 * </pre>
 *
 * Engine thread only.
 */
final class ActiveRequest {
    private final GenerationRequest request;
    private final Outbox outbox;
    private final int maxTokens;
    private final long submittedNanos;
    private final List<ActiveText> texts = new ArrayList<>(1);
    private final List<ActiveText.Start> others = new ArrayList<>(0);
    private final FinishReason[] reasons;
    private int ended;
    private boolean isClosed;

    private int completionTokens;
    private int preemptions;
    private int cachedPromptTokens;
    private long startedNanos;
    private long firstTokenNanos;
    private boolean started;

    private Optional<PromptOutputs> promptOutputs;

    /** @param maxTokens most tokens of the prompt and one text */
    ActiveRequest(GenerationRequest request, Outbox outbox, int maxTokens, long submittedNanos, int embeddingLength) {
        this.request = request;
        this.outbox = outbox;
        this.maxTokens = maxTokens;
        this.submittedNanos = submittedNanos;
        reasons = new FinishReason[request.samples()];
        promptOutputs = PromptOutputs.of(request, embeddingLength);
    }

    GenerationRequest request() {
        return request;
    }

    String id() {
        return request.id();
    }

    Outbox outbox() {
        return outbox;
    }

    int[] prompt() {
        return request.promptIds();
    }

    int maxTokens() {
        return maxTokens;
    }

    SchedulingKey schedulingKey() {
        SchedulingParams scheduling = request.scheduling();
        return new SchedulingKey(scheduling.priority(), submittedNanos, scheduling.tenant());
    }

    long deadlineNanos() {
        return request.scheduling().deadlineNanos();
    }

    /** What is wanted of the rows of known tokens; empty if nothing is, or no more. */
    Optional<PromptOutputs> promptOutputs() {
        return promptOutputs;
    }

    /** Says that all that was wanted of known tokens was told. */
    void endPromptOutputs() {
        promptOutputs = Optional.empty();
    }

    /**
     * What a text begins with.
     *
     * @throws RuntimeException of whoever supplies the control
     */
    ActiveText.Start start(int sample) {
        DecodingControl control = request.controls().apply(sample);
        SampleState drawing = new SampleState(
                request.sampling(),
                sample,
                request.promptIds(),
                request.ending().stopTokenIds(),
                control.constraint(),
                maxTokens - request.promptIds().length);
        return new ActiveText.Start(sample, control, drawing);
    }

    void add(ActiveText text) {
        texts.add(text);
    }

    /** Texts that are in the engine, ended ones included. */
    List<ActiveText> texts() {
        return texts;
    }

    /**
     * Makes what the texts besides the first will begin with.
     *
     * @throws RuntimeException of whoever supplies the controls
     */
    void prepareOthers() {
        for (int sample = 1; sample < request.samples(); sample++) {
            others.add(start(sample));
        }
    }

    /** What the texts besides the first begin with. */
    List<ActiveText.Start> others() {
        return others;
    }

    /** Whether there are texts that do not exist before the first one has its first token. */
    boolean awaitsOthers() {
        return texts.size() < request.samples();
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

    boolean isStarted() {
        return started;
    }

    /** Notes a token just made. */
    void noteToken(long nowNanos) {
        if (completionTokens++ == 0) {
            firstTokenNanos = nowNanos;
        }
    }

    /** Notes why a text ended; true if it was the last one. */
    boolean noteEnd(ActiveText text, FinishReason reason) {
        preemptions += text.preemptions();
        if (text.sample() == 0) {
            cachedPromptTokens = text.cachedPromptTokens();
        }
        reasons[text.sample()] = reason;
        return ++ended == request.samples();
    }

    /** Notes why texts end that never began. */
    void noteEndOfOthers(FinishReason reason) {
        for (int sample = texts.size(); sample < reasons.length; sample++) {
            reasons[sample] = reason;
            ended++;
        }
    }

    boolean hasEnded(ActiveText text) {
        return reasons[text.sample()] != null;
    }

    boolean isClosed() {
        return isClosed;
    }

    void close() {
        isClosed = true;
    }

    boolean isStopToken(int token) {
        for (int stop : request.ending().stopTokenIds()) {
            if (stop == token) {
                return true;
            }
        }
        return false;
    }

    /** The end, after all texts have theirs. */
    TokenEvent.Finished finished(long nowNanos) {
        return new TokenEvent.Finished(id(), List.of(reasons), statistics(nowNanos));
    }

    /** What the request cost when it ends now; times that were not reached are 0. */
    private RequestStatistics statistics(long nowNanos) {
        boolean hasTokens = completionTokens > 0;
        return new RequestStatistics(
                request.promptIds().length,
                cachedPromptTokens,
                completionTokens,
                preemptions,
                (started ? startedNanos : nowNanos) - submittedNanos,
                !started ? 0 : (hasTokens ? firstTokenNanos : nowNanos) - startedNanos,
                hasTokens ? nowNanos - firstTokenNanos : 0);
    }
}
