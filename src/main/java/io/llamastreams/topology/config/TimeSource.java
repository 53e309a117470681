package io.llamastreams.topology.config;

import io.llamastreams.registry.RetryingSchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Time, handed in by who starts the service, so that tests can hand in another. Any thread. */
public interface TimeSource extends RetryingSchemaRegistry.Pause, InstantSource {

    /** Nanoseconds since some moment; only differences mean something. */
    long nanoTime();

    /** The time of day, which deadlines are on. */
    @Override
    Instant instant();

    /** Lets the calling thread wait; may return early. */
    @Override
    void await(Duration time);
}
