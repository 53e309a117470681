package io.llamastreams.serving;

import io.llamastreams.engine.Admission;
import io.llamastreams.engine.EnginePort;
import io.llamastreams.engine.Outbox;
import io.llamastreams.engine.request.TokenEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * One thread's way to the engine: prompts go in by {@link #submit}, their texts come out of {@link #poll}. Each prompt that
 * was accepted ends exactly once, unless the session is closed before. One owner thread.
 *
 * <p>Deadlines are not looked at here: who knows the time cancels.
 */
public final class TextSession implements AutoCloseable {
    private final EnginePort port;
    private final PromptReader reader;
    private final Outbox outbox;
    private final Map<String, CompletionText> texts = new HashMap<>();

    /** The prompt that found no room last time, and what it was read to: it will be submitted again. */
    private Prompt postponed;

    private PromptReader.Reading postponedReading;

    TextSession(EnginePort port, PromptReader reader) {
        this.port = port;
        this.reader = reader;
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
        if (texts.containsKey(prompt.id())) {
            return refused(prompt.id(), "id: expected one that is not in flight, found it in flight");
        }
        PromptReader.Reading reading = prompt == postponed ? postponedReading : reader.read(prompt);
        postponed = null;
        postponedReading = null;
        return switch (reading) {
            case PromptReader.Reading.Refused refused -> refused(prompt.id(), refused.reason());
            case PromptReader.Reading.Ready ready -> {
                Submission submission = submit(ready);
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

    /** Asks for a prompt to end with the text it has; its end still comes out of {@link #poll}. Unknown ids do nothing. */
    public void cancel(String id) {
        port.cancel(id, outbox);
    }

    /** Prompts accepted whose end was not handed over yet. */
    public int inFlight() {
        return texts.size();
    }

    /** Cancels what is in flight; nothing more is heard of it. Closing again does nothing. */
    @Override
    public void close() {
        texts.clear();
        outbox.close();
    }

    private Submission submit(PromptReader.Reading.Ready ready) {
        String id = ready.request().id();
        return switch (port.submit(ready.request(), outbox)) {
            case Admission.Accepted accepted -> {
                texts.put(id, ready.text());
                yield new Submission.Accepted(ready.text().promptTokens());
            }
            case Admission.Full full -> new Submission.Busy(full.reason());
            case Admission.Refused refused -> refused(id, refused.reason());
        };
    }

    private void accept(TokenEvent event, GenerationListener listener) {
        String id = event.requestId();
        CompletionText text = texts.get(id);
        if (text == null) {
            return; // the listener closed the session with events still to come
        }
        switch (event) {
            case TokenEvent.Token token -> tell(listener, id, text.append(token.token(), token.logprob()));
            case TokenEvent.PromptScored scored -> {}
            case TokenEvent.Embedded embedded -> {}
            case TokenEvent.Finished end -> {
                texts.remove(id);
                tell(listener, id, text.end());
                listener.onEnd(text.finished(end.reason(), end.statistics()));
            }
            case TokenEvent.Failed end -> {
                texts.remove(id);
                listener.onEnd(text.failed(end.message()));
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
