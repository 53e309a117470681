package io.llamastreams.topology.service;

import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.stats.Counter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a stream thread dies. Its transaction was not committed, so whoever goes on loses nothing.
 *
 * <ul>
 *   <li>The engine has ended: this instance can do nothing any more and leaves; others take over.
 *   <li>The brokers know this instance not, or deny it something: trying again would be denied again, so it leaves at once; what
 *       is pending waits for another.
 *   <li>The schema registry gave no answer: a new thread tries again, for as long as it takes.
 *   <li>Anything else: a new thread, but only so often; then the instance leaves.
 * </ul>
 *
 * Any thread.
 */
final class FailurePolicy implements StreamsUncaughtExceptionHandler {
    static final int MAX_RESTARTS = 10;
    static final Duration RESTART_WINDOW = Duration.ofMinutes(10);

    private static final Logger log = LoggerFactory.getLogger(FailurePolicy.class);

    private final RestartBudget budget;
    private final Counter failedThreads = new Counter();
    private volatile Optional<String> reason = Optional.empty();

    FailurePolicy(LongSupplier nanoClock) {
        budget = new RestartBudget(MAX_RESTARTS, RESTART_WINDOW, nanoClock);
    }

    /** Threads that failed by something that may be a prompt's doing. */
    Counter failedThreads() {
        return failedThreads;
    }

    /** Why the instance left; empty if it did not. */
    Optional<String> reason() {
        return reason;
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable exception) {
        if (Causes.any(exception, EngineEndedException.class::isInstance)) {
            log.error("the engine has ended, this instance stops", exception);
            reason = Optional.of(
                    "the engine has ended: " + Causes.root(exception).getMessage());
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        if (Causes.any(exception, FailurePolicy::isDenial)) {
            log.error("the brokers deny this instance something, it stops", exception);
            reason = Optional.of(
                    "denied by the brokers: " + Causes.root(exception).getMessage());
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        if (BadRecordHandler.saysNothingOfTheRecord(exception)) {
            log.warn(
                    "stream thread failed for want of an answer, trying again: {}",
                    Causes.root(exception).getMessage());
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        failedThreads.increment();
        if (budget.tryTake()) {
            log.error("stream thread failed, a new one takes its place", exception);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        log.error(
                "stream thread failed, for more than {} times in {}; this instance stops",
                MAX_RESTARTS,
                RESTART_WINDOW,
                exception);
        reason = Optional.of("stream threads keep failing: " + Causes.root(exception));
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private static boolean isDenial(Throwable exception) {
        return exception instanceof AuthorizationException || exception instanceof AuthenticationException;
    }
}
