package io.llamastreams.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's thread: takes commands, does steps, and parks while there is nothing to do.
 *
 * <pre>
 *   RUNNING --- close() ---------------------------> ENDED   all requests fail with "engine closed"
 *      |  ^
 *      |  '-- a step's exception: all running requests fail with it, the waiting ones go on
 *      |
 *      '----- IllegalStateException (our bug), Error -> ENDED   all requests fail; the thread's handler gets it
 * </pre>
 *
 * Once ended, the port takes no more requests. Whoever must not see its requests fail because the engine is closed closes its
 * {@link Outbox} before. Any thread may close.
 */
public final class EngineLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EngineLoop.class);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration LONGEST_STEP = Duration.ofMinutes(10);

    private final Engine engine;
    private final EnginePort port;
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean idle;

    private EngineLoop(Engine engine, String name) {
        this.engine = engine;
        port = new EnginePort(engine, this::wake);
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /** Starts the thread of an engine, which from now on belongs to it. */
    public static EngineLoop start(Engine engine, String name) {
        EngineLoop loop = new EngineLoop(engine, name);
        loop.thread.start();
        return loop;
    }

    public EnginePort port() {
        return port;
    }

    /**
     * Ends the thread after the step it is in; returns when it has ended, so that the model's memory can be closed.
     *
     * @throws IllegalStateException if called on the engine's thread, or if a step does not end within ten minutes: then the
     *     model's memory is in use and must stay
     */
    @Override
    public void close() {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("the engine cannot be closed by its own thread");
        }
        closing = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (true) {
            try {
                if (!thread.join(LONGEST_STEP)) {
                    throw new IllegalStateException("thread " + thread.getName() + " did not end in " + LONGEST_STEP);
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closing) {
                boolean changed = obey();
                changed |= step();
                engine.wakeOwners();
                if (changed) {
                    port.publish();
                } else {
                    parkWhileIdle();
                }
            }
            port.end("engine closed");
            obey();
            engine.failAll("engine closed");
            engine.wakeOwners();
            port.publish();
        } catch (Throwable bug) {
            abandon("engine stopped: " + bug);
            throw bug;
        }
    }

    /** Carries out what is in the inbox; true if there was something. */
    private boolean obey() {
        boolean any = false;
        for (EnginePort.Command command = port.poll(); command != null; command = port.poll()) {
            any = true;
            switch (command) {
                case EnginePort.Command.Submit submit ->
                    submit.requests().forEach(request -> engine.add(request, submit.outbox(), submit.submittedNanos()));
                case EnginePort.Command.Cancel cancel -> engine.cancel(cancel.outbox(), cancel.id());
                case EnginePort.Command.CancelAll cancel -> engine.cancelAll(cancel.outbox());
            }
        }
        return any;
    }

    private boolean step() {
        try {
            return engine.step();
        } catch (IllegalStateException bug) {
            throw bug;
        } catch (RuntimeException e) {
            log.error("step failed, and with it the running requests", e);
            engine.failRunning("the engine's step failed: " + e);
            return true;
        }
    }

    /** The engine's state cannot be trusted: every request gets its end, and nothing else is touched. */
    private void abandon(String message) {
        port.end(message);
        for (EnginePort.Command command = port.poll(); command != null; command = port.poll()) {
            if (command instanceof EnginePort.Command.Submit submit) {
                submit.requests().forEach(request -> engine.refuse(request, submit.outbox(), message));
            }
        }
        engine.abandonAll(message);
    }

    private void parkWhileIdle() {
        idle = true;
        if (!port.hasCommands() && !closing) {
            LockSupport.parkNanos(this, IDLE_NANOS);
        }
        idle = false;
        // an interrupt has no meaning here and would keep us from parking
        Thread.interrupted();
    }

    /** Any thread. */
    private void wake() {
        if (idle) {
            LockSupport.unpark(thread);
        }
    }
}
