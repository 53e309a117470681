package io.llamastreams.topology.config;

import io.llamastreams.engine.request.EngineSetting;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Reads weights of tenants: {@code a=3,b=1}. */
final class TenantWeights implements ConfigDef.Validator {
    @Override
    public void ensureValid(String key, Object value) {
        try {
            parse((String) value);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key, value, e.getMessage());
        }
    }

    /** @throws IllegalArgumentException saying what was expected and what was found */
    static Map<String, Integer> parse(String text) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            int sign = part.lastIndexOf('=');
            String tenant = part.substring(0, Math.max(0, sign)).strip();
            int weight = weight(part.substring(sign + 1).strip());
            if (sign < 0 || !EngineSetting.TENANT_WEIGHT.allows(weight)) {
                throw new IllegalArgumentException("expected tenant=weight with a weight from "
                        + EngineSetting.TENANT_WEIGHT.expected() + ", found \"" + part + "\"");
            }
            if (weights.put(tenant, weight) != null) {
                throw new IllegalArgumentException("expected each tenant once, found \"" + tenant + "\" twice");
            }
        }
        return weights;
    }

    /** The number, or -1 if it is none. */
    private static int weight(String text) {
        return text.matches("[0-9]{1,7}") ? Integer.parseInt(text) : -1;
    }

    /** What the documentation of keys says of the values. */
    @Override
    public String toString() {
        return "tenant=weight, with commas between";
    }
}
