package io.llamastreams.topology;

import io.llamastreams.registry.RetryingSchemaRegistry;
import java.time.Duration;

/** Time, handed in by who starts the service, so that tests can hand in another. Any thread. */
public interface TimeSource extends RetryingSchemaRegistry.Pause {

    /** Nanoseconds since some moment; only differences mean something. */
    long nanoTime();

    /** Lets the calling thread wait; may return early. */
    @Override
    void await(Duration time);
}
