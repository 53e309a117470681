package io.llamastreams.engine;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.GenerationRequest;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;

/**
 * The door to the engine, for any thread. Each caller opens an {@link Outbox} of its own and submits with it; an outbox is
 * used by one thread.
 *
 * <p>Nothing here waits. The inbox is bounded by admission: each request is counted until its end was drained, and cancelled
 * at most once.
 */
public final class EnginePort {
    private static final Admission ACCEPTED = new Admission.Accepted();

    private final Engine engine;
    private final EngineLimits limits;
    private final Runnable wakeEngine;
    private final ConcurrentLinkedQueue<Command> inbox = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong tokens = new AtomicLong();
    private volatile Optional<String> endedReason = Optional.empty();
    private final StatusBoard status;

    /** What the engine thread is told. */
    sealed interface Command {
        /** @param requests let in together */
        record Submit(List<GenerationRequest> requests, Outbox outbox, long submittedNanos) implements Command {}

        record Cancel(String id, Outbox outbox) implements Command {}

        record CancelAll(Outbox outbox) implements Command {}
    }

    /**
     * The port of an engine that has not begun to run.
     *
     * @param engine of which only what never changes is used here
     * @param wakeEngine called after a command was put into the inbox
     */
    EnginePort(Engine engine, Runnable wakeEngine) {
        this.engine = engine;
        this.wakeEngine = wakeEngine;
        limits = engine.limits();
        status = new StatusBoard(engine::number);
        publish();
    }

    /** Opens an outbox; the calling thread, or the one it hands it to, is its owner. */
    public Outbox openOutbox() {
        return new Outbox(this, engine.nanoClock().getAsLong());
    }

    /**
     * Asks for a request to be let in. Its events come out of the outbox, whose owner calls this.
     *
     * @throws EngineEndedException if the engine was closed or has stopped; see {@link #endedReason}
     * @throws IllegalStateException if the outbox is closed
     */
    public Admission submit(GenerationRequest request, Outbox outbox) {
        return submitTogether(List.of(request), outbox);
    }

    /**
     * As {@link #submit}, for requests of which all are let in or none. Those that wait for room hold none of it meanwhile:
     * several that each held a part would wait for each other for ever.
     *
     * @param together with different ids
     */
    public Admission submitTogether(List<GenerationRequest> together, Outbox outbox) {
        if (outbox.isClosed()) {
            throw new IllegalStateException("request " + together.getFirst().id() + ": the outbox is closed");
        }
        throwIfEnded();
        long wantedTokens = 0;
        for (GenerationRequest request : together) {
            Optional<String> refusal = refusal(request, outbox);
            if (refusal.isPresent()) {
                return new Admission.Refused(refusal.get());
            }
            wantedTokens += engine.allTokens(request);
        }
        Optional<String> full = reserve(together.size(), wantedTokens);
        if (full.isPresent()) {
            return new Admission.Full(full.get());
        }
        together.forEach(request -> outbox.open(request.id(), engine.allTokens(request)));
        Command submit = new Command.Submit(together, outbox, engine.nanoClock().getAsLong());
        inbox.add(submit);
        if (endedReason.isPresent() && inbox.remove(submit)) {
            // the engine ended between our two looks at it and did not take the command
            together.forEach(request -> outbox.giveBack(request.id()));
            throwIfEnded();
        }
        wakeEngine.run();
        return ACCEPTED;
    }

    /**
     * Asks for a request of this outbox to end with the tokens made so far. Its end still comes out of the outbox: CANCELLED,
     * or another if it came first. Does nothing if it is not in flight. The outbox's owner calls this.
     */
    public void cancel(String id, Outbox outbox) {
        if (outbox.markCancelled(id)) {
            inbox.add(new Command.Cancel(id, outbox));
            wakeEngine.run();
        }
    }

    /** The engine after its last step. */
    public EngineStatus status() {
        return status.read();
    }

    /** Why the engine has ended; empty while it runs. */
    public Optional<String> endedReason() {
        return endedReason;
    }

    void cancelAll(Outbox outbox) {
        inbox.add(new Command.CancelAll(outbox));
        wakeEngine.run();
    }

    void giveBack(long requestTokens) {
        requests.decrementAndGet();
        tokens.addAndGet(-requestTokens);
    }

    // ------------------------------------------------------------------- for the engine thread

    boolean hasCommands() {
        return !inbox.isEmpty();
    }

    /** The oldest command, or null if there is none. */
    Command poll() {
        return inbox.poll();
    }

    /** Lets others see the engine as it is now. */
    void publish() {
        status.write();
    }

    /** From now on nothing is let in; what is in the inbox by then is the engine's to answer. */
    void end(String reason) {
        endedReason = Optional.of(reason);
    }

    private Optional<String> refusal(GenerationRequest request, Outbox outbox) {
        if (outbox.holds(request.id())) {
            return Optional.of("id: a request of this name is in flight");
        }
        int[] prompt = request.promptIds();
        int maxPrompt = engine.contextLength() - (request.maxNewTokens() > 0 ? 1 : 0);
        if (prompt.length > maxPrompt) {
            return Optional.of("prompt: expected at most " + maxPrompt + " tokens, found " + prompt.length);
        }
        int known = prompt.length + request.madeIds().length;
        if (known > engine.contextLength()) {
            return Optional.of("prompt and tokens made already: expected at most " + engine.contextLength()
                    + " tokens, found " + known);
        }
        if (engine.maxTokens(request) > engine.poolTokens()) {
            return Optional.of("prompt and new tokens: expected at most the " + engine.poolTokens()
                    + " tokens that the KV cache holds, found " + engine.maxTokens(request));
        }
        for (int i = 0; i < prompt.length; i++) {
            if (prompt[i] < 0 || prompt[i] >= engine.vocabularySize()) {
                return Optional.of("prompt: token " + i + ": expected an id from 0 to " + (engine.vocabularySize() - 1)
                        + ", found " + prompt[i]);
            }
        }
        return Optional.empty();
    }

    private void throwIfEnded() {
        endedReason.ifPresent(reason -> {
            throw new EngineEndedException(reason);
        });
    }

    /** Counts requests in, or says why there is no room for them. */
    private Optional<String> reserve(int count, long wantedTokens) {
        if (requests.addAndGet(count) > limits.maxQueuedRequests()) {
            requests.addAndGet(-count);
            return Optional.of("queue full: " + limits.maxQueuedRequests() + " requests");
        }
        long before = tokens.getAndAdd(wantedTokens);
        if (before > 0 && before + wantedTokens > limits.maxQueuedTokens()) {
            requests.addAndGet(-count);
            tokens.addAndGet(-wantedTokens);
            return Optional.of("queue full: " + before + " tokens, and " + wantedTokens + " more would be above "
                    + limits.maxQueuedTokens());
        }
        return Optional.empty();
    }

    /**
     * Numbers that one thread writes again and again and any thread reads, all of one moment, without an object for each
     * writing. Source: sequence locks, as in Boehm 2012, "Can Seqlocks Get Along With Programming Language Memory Models?".
     */
    private static final class StatusBoard {
        private final ToLongFunction<EngineNumber> source;
        private final long[] numbers = EngineStatus.newNumbers();

        /** Odd while the numbers are being written. */
        private volatile int version;

        StatusBoard(ToLongFunction<EngineNumber> source) {
            this.source = source;
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        void write() {
            version++;
            VarHandle.storeStoreFence();
            EngineStatus.write(source, numbers);
            version++;
        }

        EngineStatus read() {
            long[] copy = new long[numbers.length];
            while (true) {
                int before = version;
                System.arraycopy(numbers, 0, copy, 0, copy.length);
                VarHandle.acquireFence();
                if ((before & 1) == 0 && before == version) {
                    return EngineStatus.of(copy);
                }
                Thread.onSpinWait();
            }
        }
    }
}
