package io.llamastreams.topology.config;

import io.llamastreams.engine.request.EngineSetting;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** The numbers that a key takes. A refusal names the key, what was expected and what was found; documents show it as Kafka's own. */
final class NumberRange implements ConfigDef.Validator {
    private final long least;
    private final long most;
    private final String expected;

    private NumberRange(long least, long most, String expected) {
        this.least = least;
        this.most = most;
        this.expected = expected;
    }

    static NumberRange atLeast(long least) {
        return new NumberRange(least, Long.MAX_VALUE, "at least " + least);
    }

    static NumberRange between(long least, long most) {
        return new NumberRange(least, most, least + " to " + most);
    }

    /** The range that the engine itself has for it. */
    static NumberRange of(EngineSetting setting) {
        return setting.hasMost() ? between(setting.least(), setting.most()) : atLeast(setting.least());
    }

    @Override
    public void ensureValid(String key, Object value) {
        long number = ((Number) value).longValue();
        if (number < least || number > most) {
            throw new ConfigException(key + ": expected " + expected + ", found " + number);
        }
    }

    /** What the documentation of keys says of the values. */
    @Override
    public String toString() {
        return most == Long.MAX_VALUE ? "[" + least + ",...]" : "[" + least + ",...," + most + "]";
    }
}
