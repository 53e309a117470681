package io.llamastreams.engine.schedule;

/**
 * Where a sequence stands among others.
 *
 * @param priority higher goes first
 * @param arrivalNanos when it came, of any clock
 * @param tenant with whom it shares one tenant's part
 */
public record SchedulingKey(int priority, long arrivalNanos, String tenant) {}
