package io.llamastreams.serving.session;

import io.llamastreams.engine.Admission;
import io.llamastreams.engine.EnginePort;
import io.llamastreams.engine.Outbox;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.request.PromptReader;
import io.llamastreams.serving.result.ResultBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One thread's way to the engine: prompts go in by {@link #submit}, what comes of them comes out of {@link #poll}. Each prompt
 * that was accepted ends exactly once, unless the session is closed before. One owner thread.
 *
 * <p>A prompt may be several requests of the engine: they are let in all or none, and are cancelled together.
 */
public final class TextSession implements AutoCloseable {
    private final EnginePort port;
    private final PromptReader reader;
    private final EngineClock clock;
    private final Outbox outbox;
    private final Map<String, InFlight> prompts = new HashMap<>();
    private final Map<String, Member> requests = new HashMap<>();

    /** Numbers the engine's requests: their names differ also where a prompt is submitted again. */
    private long submitted;

    /** The prompt that found no room last time, and what it was read to: it will be submitted again. */
    private Prompt postponed;

    private PromptReader.Reading postponedReading;

    /** A prompt in the engine. */
    private record InFlight(String id, ResultBuilder builder, List<String> requestIds) {}

    /** One of a prompt's requests, by its number. */
    private record Member(InFlight prompt, int number) {}

    TextSession(EnginePort port, PromptReader reader, EngineClock clock) {
        this.port = port;
        this.reader = reader;
        this.clock = clock;
        outbox = port.openOutbox();
    }

    /**
     * Asks for a prompt to be served. Never waits.
     *
     * @throws io.llamastreams.engine.EngineEndedException if the engine was closed or has stopped, which says nothing about
     *     the prompt: keep it for another engine
     * @throws IllegalStateException if the session is closed
     */
    public Submission submit(Prompt prompt) {
        return submit(prompt, List.of());
    }

    /**
     * As the shorter form, for a prompt whose text has some tokens already, made by a session that came to no end.
     *
     * @param made what {@link #resumable} gave there; the whole text comes out of {@link #poll}, as if it had been made here
     */
    public Submission submit(Prompt prompt, List<Integer> made) {
        if (prompts.containsKey(prompt.id())) {
            return refused(prompt.id(), "id: expected one that is not in flight, found it in flight");
        }
        if (clock.hasPassed(prompt.deadlineMillis())) {
            return new Submission.Refused(Generation.expired(prompt.id(), prompt.seed()));
        }
        PromptReader.Reading reading = prompt == postponed ? postponedReading : reader.read(prompt);
        postponed = null;
        postponedReading = null;
        return switch (reading) {
            case PromptReader.Reading.Refused refused -> refused(prompt.id(), refused.reason());
            case PromptReader.Reading.Ready ready -> {
                Submission submission = submit(prompt, ready, made);
                if (submission instanceof Submission.Busy) {
                    postponed = prompt;
                    postponedReading = reading;
                }
                yield submission;
            }
        };
    }

    /**
     * Hands over what has come, on the calling thread. Never waits.
     *
     * @param maxEvents most tokens and ends to take
     * @return how many there were
     */
    public int poll(GenerationListener listener, int maxEvents) {
        return outbox.drain(event -> accept(event, listener), maxEvents);
    }

    /**
     * Waits until {@link #poll} has something to hand over, or nothing is in flight, or the time is over. An interrupt ends
     * the wait and stays set.
     *
     * @return true if there is something or nothing is in flight
     */
    public boolean await(Duration timeout) {
        return outbox.await(timeout);
    }

    /** Asks for a prompt to end with what it has; its end still comes out of {@link #poll}. Unknown ids do nothing. */
    public void cancel(String id) {
        InFlight prompt = prompts.get(id);
        if (prompt != null) {
            prompt.requestIds().forEach(request -> port.cancel(request, outbox));
        }
    }

    /**
     * The tokens that a prompt's text has so far, from which another session can go on; none where it would have to begin anew.
     * The list grows with the text.
     */
    public List<Integer> resumable(String id) {
        InFlight prompt = prompts.get(id);
        return prompt == null ? List.of() : prompt.builder().resumable();
    }

    /** Prompts accepted whose end was not handed over yet. */
    public int inFlight() {
        return prompts.size();
    }

    /** Cancels what is in flight; nothing more is heard of it. Closing again does nothing. */
    @Override
    public void close() {
        prompts.clear();
        requests.clear();
        outbox.close();
    }

    private Submission submit(Prompt prompt, PromptReader.Reading.Ready ready, List<Integer> made) {
        int[] madeIds = made.stream().mapToInt(Integer::intValue).toArray();
        long deadlineNanos = clock.deadlineNanos(prompt.deadlineMillis());
        List<GenerationRequest> together = new ArrayList<>();
        for (GenerationRequest request : ready.requests()) {
            together.add(named(request, prompt.id() + "/" + ++submitted, deadlineNanos, madeIds));
        }
        return switch (port.submitTogether(together, outbox)) {
            case Admission.Accepted accepted -> {
                note(prompt.id(), ready.builder(), together);
                yield new Submission.Accepted(ready.builder().promptTokens());
            }
            case Admission.Full full -> new Submission.Busy(full.reason());
            case Admission.Refused refused -> refused(prompt.id(), refused.reason());
        };
    }

    private void note(String promptId, ResultBuilder builder, List<GenerationRequest> together) {
        List<String> ids = together.stream().map(GenerationRequest::id).toList();
        InFlight inFlight = new InFlight(promptId, builder, ids);
        prompts.put(promptId, inFlight);
        for (int number = 0; number < ids.size(); number++) {
            requests.put(ids.get(number), new Member(inFlight, number));
        }
    }

    /** Takes back the other requests of a prompt that has failed; what is told of them goes to nobody. */
    private void withdraw(List<String> ids) {
        for (String id : ids) {
            requests.remove(id);
            port.cancel(id, outbox);
        }
    }

    private static GenerationRequest named(GenerationRequest request, String id, long deadlineNanos, int[] madeIds) {
        return new GenerationRequest(
                id,
                request.promptIds(),
                request.samples(),
                request.sampling(),
                request.ending(),
                request.report(),
                new SchedulingParams(
                        request.scheduling().priority(), request.scheduling().tenant(), deadlineNanos),
                request.controls(),
                madeIds);
    }

    private void accept(TokenEvent event, GenerationListener listener) {
        Member member = requests.get(event.requestId());
        if (member == null) {
            return; // withdrawn, or the listener closed the session with events still to come
        }
        InFlight prompt = member.prompt();
        ResultBuilder builder = prompt.builder();
        switch (event) {
            case TokenEvent.Token token -> tell(listener, prompt.id(), builder.take(token));
            case TokenEvent.PromptScored scored -> builder.take(member.number(), scored);
            case TokenEvent.Embedded embedded -> builder.take(embedded);
            case TokenEvent.Finished end -> {
                requests.remove(event.requestId());
                if (builder.take(end)) {
                    prompts.remove(prompt.id());
                    tell(listener, prompt.id(), builder.rest(end));
                    listener.onEnd(builder.generation());
                }
            }
            case TokenEvent.Failed end -> {
                prompts.remove(prompt.id());
                withdraw(prompt.requestIds());
                listener.onEnd(builder.failed(end.message()));
            }
        }
    }

    private static void tell(GenerationListener listener, String id, String delta) {
        if (!delta.isEmpty()) {
            listener.onText(id, delta);
        }
    }

    private static Submission refused(String id, String reason) {
        return new Submission.Refused(Generation.rejected(id, reason));
    }
}
