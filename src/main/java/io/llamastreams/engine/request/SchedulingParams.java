package io.llamastreams.engine.request;

/**
 * How a request stands against others. Changes when it is served, never what it gets.
 *
 * @param priority higher goes first; a request that waits long overtakes younger ones of a higher priority
 * @param tenant tenants share the engine by their weights where priorities are equal
 * @param deadlineNanos of the engine's clock, after which the request ends with the text it has; {@link #NO_DEADLINE} for none
 */
public record SchedulingParams(int priority, String tenant, long deadlineNanos) {
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /** Like everybody. */
    public static final SchedulingParams USUAL = new SchedulingParams(0, "", NO_DEADLINE);
}
