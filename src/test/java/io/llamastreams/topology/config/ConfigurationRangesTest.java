package io.llamastreams.topology.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.engine.request.EngineSetting;
import io.llamastreams.engine.request.EngineSettingsException;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

/** A key takes what the parts of the service take that get its value, and nothing else; a refusal names the key. */
class ConfigurationRangesTest {
    private static final ConfigDef DEFINITION = TopologyKeys.definition();

    /** All ends of ranges are beside one of them: powers of two and of ten, hours, and small numbers. */
    private static Set<BigInteger> numbers() {
        Set<BigInteger> numbers = new TreeSet<>();
        for (int bits = 0; bits < 66; bits++) {
            numbers.add(BigInteger.ONE.shiftLeft(bits));
        }
        for (int digits = 0; digits < 20; digits++) {
            numbers.add(BigInteger.TEN.pow(digits));
        }
        for (long end : List.of(3L, 5L, 100L, 5_000L, 3_600_000L, Long.MAX_VALUE / 1_000_000)) {
            numbers.add(BigInteger.valueOf(end));
        }
        for (EngineSetting setting : EngineSetting.values()) {
            numbers.add(BigInteger.valueOf(setting.least()));
            numbers.add(BigInteger.valueOf(setting.most()));
        }
        Set<BigInteger> beside = new TreeSet<>();
        for (BigInteger number : numbers) {
            for (int near = -2; near <= 2; near++) {
                beside.add(number.add(BigInteger.valueOf(near)));
                beside.add(number.negate().add(BigInteger.valueOf(near)));
            }
        }
        return beside;
    }

    @Test
    void whatAKeyTakesIsTakenByAllWhoGetIt() {
        int keys = 0;
        for (ConfigKey key : DEFINITION.configKeys().values()) {
            if (isNumber(key)) {
                keys++;
                Set<Boolean> outcomes = new HashSet<>();
                numbers().forEach(number -> outcomes.add(isTaken(key.name, number.toString())));
                assertThat(outcomes).as(key.name).containsExactlyInAnyOrder(true, false);
            }
        }
        assertThat(keys).isGreaterThan(20);
    }

    private static boolean isNumber(ConfigKey key) {
        return switch (key.type) {
            case INT, LONG, SHORT, DOUBLE -> true;
            case STRING, BOOLEAN, LIST, CLASS, PASSWORD -> false;
        };
    }

    /** Whether the key takes the value; if so everybody must. */
    private static boolean isTaken(String key, String value) {
        TopologyConfig config;
        try {
            config = TopologyConfig.of(Map.of(key, value));
        } catch (ConfigException e) {
            assertThat(e).hasMessageContaining(key).hasMessageContaining(value);
            return false;
        }
        config.engineSettings();
        IntakeLimits.of(config);
        config.prefixAffinity();
        assertThat(config.resumeTime().toNanos()).isNotNegative();
        assertThat(config.drainTime().toNanos()).isNotNegative();
        assertThat(config.intakeWait().toNanos()).isNotNegative();
        config.usageWindow();
        config.usageGrace();
        config.batchesRetention();
        return true;
    }

    @Test
    void keysOfTheEngineHaveItsRanges() {
        for (EngineSetting setting : EngineSetting.values()) {
            String key = TopologyKeys.key(setting);
            assertThat(DEFINITION.configKeys()).containsKey(key);
            ConfigDef.Type type = DEFINITION.configKeys().get(key).type;
            if (type != ConfigDef.Type.INT && type != ConfigDef.Type.LONG) {
                continue;
            }
            assertThat(isTaken(key, Long.toString(setting.least()))).as(key).isTrue();
            assertThat(isTaken(key, Long.toString(setting.most()))).as(key).isTrue();
            refused(key, setting, setting.least() - 1);
            if (setting.hasMost()) {
                refused(key, setting, setting.most() + 1);
            }
        }
        String weights = TopologyConfig.TENANT_WEIGHTS;
        assertThat(isTaken(weights, "a=1,b=" + EngineSetting.TENANT_WEIGHT.most()))
                .isTrue();
        assertThat(isTaken(weights, "a=0")).isFalse();
        assertThat(isTaken(weights, "a=" + (EngineSetting.TENANT_WEIGHT.most() + 1)))
                .isFalse();
    }

    private static void refused(String key, EngineSetting setting, long value) {
        assertThatThrownBy(() -> TopologyConfig.of(Map.of(key, Long.toString(value))))
                .isInstanceOf(ConfigException.class)
                .hasMessage(key + ": expected " + setting.expected() + ", found " + value);
    }

    @Test
    void whatDoesNotFitTheMachineIsToldByItsKey() {
        assertThat(TopologyConfig.refusal(
                        new EngineSettingsException(EngineSetting.KV_CACHE_BYTES, "at least 4096 for 16 tokens", 5)))
                .hasMessage("llama.kv.cache.bytes: expected at least 4096 for 16 tokens, found 5");
    }

    @Test
    void theTableOfKeysShowsTheRanges() {
        assertThat(TopologyConfig.toMarkdown().lines().filter(line -> line.contains("`llama.max.batch`")))
                .singleElement()
                .asString()
                .contains("[1,...,4096]");
    }
}
