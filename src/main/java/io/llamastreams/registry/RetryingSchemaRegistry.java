package io.llamastreams.registry;

import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Asks again, with growing pauses, while a registry is unavailable: a restart of the registry then disturbs nobody. Other
 * answers are handed on at once. Any thread; the one that asks waits.
 */
public final class RetryingSchemaRegistry implements SchemaRegistry {
    private final SchemaRegistry registry;
    private final int attempts;
    private final Duration firstPause;
    private final Pause pause;

    /** Waits for a time; may return early. */
    @FunctionalInterface
    public interface Pause {
        void await(Duration time);
    }

    /**
     * @param registry asked first, and closed with this one
     * @param attempts questions at most, at least 1
     * @param firstPause before the second question; doubles each time
     */
    public RetryingSchemaRegistry(SchemaRegistry registry, int attempts, Duration firstPause, Pause pause) {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts: expected at least 1, found " + attempts);
        }
        this.registry = registry;
        this.attempts = attempts;
        this.firstPause = firstPause;
        this.pause = pause;
    }

    @Override
    public int register(String subject, String schemaJson) {
        return retry(() -> registry.register(subject, schemaJson));
    }

    @Override
    public int lookUp(String subject, String schemaJson) {
        return retry(() -> registry.lookUp(subject, schemaJson));
    }

    @Override
    public String schemaById(int id) {
        return retry(() -> registry.schemaById(id));
    }

    @Override
    public String schemaByGuid(UUID guid) {
        return retry(() -> registry.schemaByGuid(guid));
    }

    private <T> T retry(Supplier<T> question) {
        Duration wait = firstPause;
        for (int attempt = 1; ; attempt++) {
            try {
                return question.get();
            } catch (RegistryUnavailableException e) {
                if (attempt == attempts) {
                    throw e;
                }
            }
            pause.await(wait);
            wait = wait.multipliedBy(2);
        }
    }

    @Override
    public void close() {
        registry.close();
    }
}
