package io.llamastreams.engine.request;

import java.time.Duration;
import java.util.Map;

/**
 * How requests share the engine. Changes when one is served, never what it gets.
 *
 * @param ageing time of waiting that outweighs one step of priority
 * @param tenantWeights shares of tokens, at least 1 each; tenants that are not named have 1
 */
public record Sharing(Duration ageing, Map<String, Integer> tenantWeights) {

    public static final Sharing EQUAL = new Sharing(Duration.ofMinutes(1), Map.of());

    public Sharing {
        if (!ageing.isPositive()) {
            throw new IllegalArgumentException("ageing: expected a positive time, found " + ageing);
        }
        tenantWeights = Map.copyOf(tenantWeights);
        tenantWeights.forEach((tenant, weight) -> {
            if (weight < 1) {
                throw new IllegalArgumentException(
                        "weight of tenant " + tenant + ": expected at least 1, found " + weight);
            }
        });
    }
}
