package io.llamastreams.app.batch;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.serving.session.TextSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Answers every request of a source, keeping the engine full.
 *
 * <pre>
 *   source -> next request -> engine takes it -> in flight -> its end -> answers
 *                          -> engine has no room: it is the next one again
 *                          -> refused ---------------------------------> answers
 * </pre>
 *
 * Held in memory: the requests in flight, of which the engine bounds the number, and the next one. A request whose id is in
 * flight already waits for the other to end. One thread.
 */
public final class BatchRun {
    private static final Duration WAIT = Duration.ofMillis(50);
    private static final int MAX_EVENTS = 1 << 14;
    private static final long NOTE_NANOS = Duration.ofMillis(500).toNanos();

    /** How long the engine may take to report the end of what is in flight when it has stopped by an error. */
    private static final long LAST_EVENTS_NANOS = Duration.ofSeconds(5).toNanos();

    private final TextEngine engine;
    private final RequestSource source;
    private final Answers answers;
    private final InstantSource clock;
    private final LongSupplier nanoClock;
    private final BooleanSupplier interrupted;
    private final Progress progress;
    private final BatchSummary summary = new BatchSummary();
    private final Map<String, InFlight> inFlight = new HashMap<>();
    private final GenerationListener ends = this::ended;

    private Optional<RequestLine> next = Optional.empty();
    private long nextIndex;
    private boolean sourceEnded;
    private long notedNanos;

    /** A request that the engine has. */
    private record InFlight(RequestLine.Accepted line, long index) {}

    /**
     * A run that has not begun.
     *
     * @param clock that deadlines are on
     * @param interrupted says that the run should end with what is done; asked often
     * @param progress advanced by each answer
     */
    public BatchRun(
            TextEngine engine,
            RequestSource source,
            Answers answers,
            InstantSource clock,
            LongSupplier nanoClock,
            BooleanSupplier interrupted,
            Progress progress) {
        this.engine = engine;
        this.source = source;
        this.answers = answers;
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.interrupted = interrupted;
        this.progress = progress;
    }

    /**
     * Runs to the end of the source, or until it is interrupted; what is in flight then is cancelled and has no answer. The
     * answers are flushed, not closed.
     *
     * @throws IOException if the source or the answers fail
     * @throws EngineEndedException if the engine has stopped by an error; what it had is answered as FAILED
     */
    public BatchSummary run() throws IOException {
        long startNanos = nanoClock.getAsLong();
        notedNanos = startNanos;
        try (TextSession session = engine.openSession(clock)) {
            while (!isDone() && !interrupted.getAsBoolean()) {
                step(session);
                note(startNanos);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            answers.flush();
            summary.end(nanoClock.getAsLong() - startNanos, !isDone());
        }
        return summary;
    }

    private boolean isDone() {
        return sourceEnded && next.isEmpty() && inFlight.isEmpty();
    }

    /** Gives the engine what it takes, hands on what it gives, and waits if neither was possible. */
    private void step(TextSession session) throws IOException {
        boolean wantsMore = submitWhatFits(session);
        int events = session.poll(ends, MAX_EVENTS);
        if (events == 0 && !wantsMore && !inFlight.isEmpty()) {
            answers.flush();
            session.await(WAIT);
        }
    }

    /** Returns false when nothing more can be submitted for now. */
    private boolean submitWhatFits(TextSession session) throws IOException {
        for (int i = 0; i < MAX_EVENTS; i++) {
            if (!hasNext() || nextIndex >= answers.indexLimit()) {
                return false;
            }
            boolean taken = switch (next.orElseThrow()) {
                case RequestLine.Refused refused -> {
                    answer(nextIndex, refused, refused.generation());
                    yield true;
                }
                case RequestLine.Accepted accepted -> submit(session, accepted);
            };
            if (!taken) {
                return false;
            }
            next = Optional.empty();
            nextIndex++;
        }
        return true;
    }

    /** Reads the next request if there is none; does not wait for the source while there is something else to do. */
    private boolean hasNext() throws IOException {
        if (next.isEmpty() && !sourceEnded && (inFlight.isEmpty() || !source.mayBlock())) {
            if (inFlight.isEmpty()) {
                // Whoever writes the source may wait for the answers.
                answers.flush();
            }
            next = source.next();
            sourceEnded = next.isEmpty();
        }
        return next.isPresent();
    }

    private boolean submit(TextSession session, RequestLine.Accepted line) throws IOException {
        Prompt prompt = line.prompt();
        if (inFlight.containsKey(prompt.id())) {
            return false;
        }
        return switch (submitOrFail(session, prompt)) {
            case Submission.Accepted accepted -> {
                inFlight.put(prompt.id(), new InFlight(line, nextIndex));
                yield true;
            }
            case Submission.Busy busy -> false;
            case Submission.Refused refused -> {
                answer(nextIndex, line, refused.generation());
                yield true;
            }
        };
    }

    private Submission submitOrFail(TextSession session, Prompt prompt) {
        try {
            return session.submit(prompt);
        } catch (EngineEndedException e) {
            long deadlineNanos = nanoClock.getAsLong() + LAST_EVENTS_NANOS;
            while (!inFlight.isEmpty() && nanoClock.getAsLong() < deadlineNanos) {
                session.await(WAIT);
                session.poll(ends, MAX_EVENTS);
            }
            throw e;
        }
    }

    private void ended(Generation generation) {
        InFlight request = inFlight.remove(generation.id());
        try {
            answer(request.index(), request.line(), generation);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(long index, RequestLine line, Generation generation) throws IOException {
        answers.answer(index, line, generation);
        summary.add(generation);
        progress.advance(1);
    }

    private void note(long startNanos) {
        long now = nanoClock.getAsLong();
        if (now - notedNanos >= NOTE_NANOS) {
            notedNanos = now;
            double seconds = (now - startNanos) / 1e9;
            progress.note(
                    String.format(Locale.ROOT, "%.0f tokens/s", engine.status().completionTokens() / seconds));
        }
    }
}
