package io.llamastreams.engine;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.llamastreams.engine.request.TokenEvent;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * Where the events of one owner's requests come out, in order.
 *
 * <p>One thread owns an outbox: it opens it, submits and cancels through {@link EnginePort}, drains, waits and closes. The
 * engine thread alone adds events and never waits for the owner. The queue itself has no bound, and needs none: admission
 * counts a request, with all tokens it may make, until the owner has drained its end, so never more than
 * {@code maxQueuedTokens} tokens and {@code maxQueuedRequests} ends lie in all outboxes together.
 */
public final class Outbox implements AutoCloseable {
    private static final long WAKE_INTERVAL_NANOS = 1_000_000;

    private final EnginePort port;

    // owner thread
    private final Map<String, Ticket> tickets = new HashMap<>();
    private final EventQueue events = new EventQueue();

    // owner and engine thread
    private final AtomicBoolean ownerWaits = new AtomicBoolean();
    private final Semaphore wakeUps = new Semaphore(0);
    private volatile boolean closed;

    // engine thread
    private boolean touched;
    private boolean hasNewEnd;
    private long wakeNanos;

    /** What admission counts for a request, and whether its end was asked for. */
    private static final class Ticket {
        private final long tokens;
        private boolean cancelled;

        Ticket(long tokens) {
            this.tokens = tokens;
        }
    }

    Outbox(EnginePort port, long nowNanos) {
        this.port = port;
        wakeNanos = nowNanos - WAKE_INTERVAL_NANOS;
    }

    /**
     * Hands over events that are there, oldest first. Never waits.
     *
     * @param max most events to hand over
     * @return how many were
     */
    public int drain(Consumer<TokenEvent> consumer, int max) {
        int drained = 0;
        while (drained < max) {
            TokenEvent event = events.poll();
            if (event == null) {
                break;
            }
            drained++;
            switch (event) {
                case TokenEvent.Token token -> {}
                case TokenEvent.PromptScored scored -> {}
                case TokenEvent.Embedded embedded -> {}
                case TokenEvent.Finished end -> giveBack(end.requestId());
                case TokenEvent.Failed end -> giveBack(end.requestId());
            }
            consumer.accept(event);
        }
        return drained;
    }

    /**
     * Waits until there are events, or nothing is in flight, or the time is over. Tokens that come within a millisecond of the
     * last wake-up wait for it to pass, or for an end. An interrupt ends the wait and stays set.
     *
     * @return true if there are events or nothing is in flight
     */
    public boolean await(Duration timeout) {
        if (tickets.isEmpty() || events.hasNext()) {
            return true;
        }
        // The first wake-up may be about events that were drained before we waited; a second one comes with events.
        if (awaitWakeUp(timeout) && !events.hasNext()) {
            awaitWakeUp(timeout);
        }
        return events.hasNext();
    }

    /** Waits for the engine if there are no events; true if it woke us. */
    private boolean awaitWakeUp(Duration timeout) {
        boolean woken = false;
        ownerWaits.set(true);
        VarHandle.fullFence();
        if (!events.hasNext()) {
            try {
                woken = wakeUps.tryAcquire(NANOSECONDS.convert(timeout), NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (!woken && !ownerWaits.compareAndSet(true, false)) {
            // the engine has seen us wait: its wake-up is on the way and must not stay for the next wait
            wakeUps.acquireUninterruptibly();
        }
        return woken;
    }

    /** Requests let in whose end has not been drained. */
    public int inFlight() {
        return tickets.size();
    }

    /** Cancels what is still in flight and drops its events. Closing again does nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!tickets.isEmpty()) {
            port.cancelAll(this);
            tickets.values().forEach(ticket -> port.giveBack(ticket.tokens));
            tickets.clear();
        }
    }

    // ------------------------------------------------------------------- for the port, owner thread

    boolean isClosed() {
        return closed;
    }

    boolean holds(String id) {
        return tickets.containsKey(id);
    }

    void open(String id, long tokens) {
        tickets.put(id, new Ticket(tokens));
    }

    /** True if the request is in flight and was not cancelled before; at most once for each request. */
    boolean markCancelled(String id) {
        Ticket ticket = tickets.get(id);
        if (ticket == null || ticket.cancelled) {
            return false;
        }
        ticket.cancelled = true;
        return true;
    }

    /** Ends the count for a request. */
    void giveBack(String id) {
        Ticket ticket = tickets.remove(id);
        if (ticket != null) {
            port.giveBack(ticket.tokens);
        }
    }

    // ------------------------------------------------------------------- for the engine thread

    /** Adds an event; true if it is the first since {@link #maybeWakeOwner} was true. */
    boolean add(TokenEvent event) {
        if (!closed) {
            events.add(event);
        }
        hasNewEnd |= event instanceof TokenEvent.Finished || event instanceof TokenEvent.Failed;
        boolean first = !touched;
        touched = true;
        return first;
    }

    /**
     * Wakes the owner if it waits. Waking costs as much as a step of a tiny model, so tokens alone do it once in a while; an
     * end does it at once.
     *
     * @return false if the owner was not looked at because it was woken just before: to be called again
     */
    boolean maybeWakeOwner(long nowNanos) {
        if (!hasNewEnd && nowNanos - wakeNanos < WAKE_INTERVAL_NANOS) {
            return false;
        }
        touched = false;
        hasNewEnd = false;
        VarHandle.fullFence();
        if (ownerWaits.get() && ownerWaits.compareAndSet(true, false)) {
            wakeNanos = nowNanos;
            wakeUps.release();
        }
        return true;
    }

    /** A queue of one writer and one reader: arrays in a chain, so that an event costs one ordered write. */
    private static final class EventQueue {
        private static final int CHUNK_EVENTS = 128;

        private Chunk tail = new Chunk();
        private int tailIndex;
        private Chunk head = tail;
        private int headIndex;

        private static final class Chunk {
            private final AtomicReferenceArray<TokenEvent> events = new AtomicReferenceArray<>(CHUNK_EVENTS);
            private volatile Chunk next;
        }

        void add(TokenEvent event) {
            if (tailIndex == CHUNK_EVENTS) {
                Chunk chunk = new Chunk();
                tail.next = chunk;
                tail = chunk;
                tailIndex = 0;
            }
            tail.events.setRelease(tailIndex++, event);
        }

        boolean hasNext() {
            if (headIndex == CHUNK_EVENTS) {
                Chunk next = head.next;
                if (next == null) {
                    return false;
                }
                head = next;
                headIndex = 0;
            }
            return head.events.getAcquire(headIndex) != null;
        }

        /** The oldest event, or null if there is none. */
        TokenEvent poll() {
            if (!hasNext()) {
                return null;
            }
            TokenEvent event = head.events.getPlain(headIndex);
            head.events.setPlain(headIndex++, null);
            return event;
        }
    }
}
