package io.llamastreams.engine.request;

import java.time.Duration;
import java.util.Map;

/**
 * How requests share the engine. Changes when one is served, never what it gets.
 *
 * @param ageing time of waiting that outweighs one step of priority
 * @param keepsRoom whether a request is started only if there is room for what all that run are expected to need; otherwise more
 *     run at a time, and more lose their memory and are computed again
 * @param tenantWeights shares of tokens; tenants that are not named have 1
 */
public record SchedulingPolicy(Duration ageing, boolean keepsRoom, Map<String, Integer> tenantWeights) {

    private static final Duration MAX_AGEING = Duration.ofMillis(EngineSetting.AGEING.most());

    public static final SchedulingPolicy EQUAL = new SchedulingPolicy(Duration.ofMinutes(1), true, Map.of());

    public SchedulingPolicy {
        if (!ageing.isPositive() || ageing.compareTo(MAX_AGEING) > 0) {
            throw new IllegalArgumentException("ageing: expected a time of up to an hour, found " + ageing);
        }
        tenantWeights = Map.copyOf(tenantWeights);
        tenantWeights.forEach((tenant, weight) -> {
            if (!EngineSetting.TENANT_WEIGHT.allows(weight)) {
                throw new IllegalArgumentException("weight of tenant " + tenant + ": expected "
                        + EngineSetting.TENANT_WEIGHT.expected() + ", found " + weight);
            }
        });
    }
}
