package io.llamastreams.topology.record;

import java.time.Instant;

/**
 * Whose usage, and when: the key of a record on the usage topic.
 *
 * @param tenant empty for nobody in particular
 * @param model name of the model
 * @param windowStart inclusive
 */
public record UsageKey(String tenant, String model, Instant windowStart) {}
