package io.llamastreams.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RetryingSchemaRegistryTest {
    private final List<Duration> pauses = new ArrayList<>();
    private int failures;
    private SchemaRegistryException failure = new RegistryUnavailableException("down", null);

    /** Fails some times, then answers. */
    private final SchemaRegistry flaky = new SchemaRegistry() {
        private <T> T answer(T value) {
            if (failures > 0) {
                failures--;
                throw failure;
            }
            return value;
        }

        @Override
        public int register(String subject, String schemaJson) {
            return answer(1);
        }

        @Override
        public int lookUp(String subject, String schemaJson) {
            return answer(2);
        }

        @Override
        public String schemaById(int id) {
            return answer("by id");
        }

        @Override
        public String schemaByGuid(UUID guid) {
            return answer("by GUID");
        }

        @Override
        public void close() {}
    };

    private final RetryingSchemaRegistry retrying =
            new RetryingSchemaRegistry(flaky, 4, Duration.ofMillis(100), pauses::add);

    @Test
    void asksAgainWithGrowingPauses() {
        failures = 3;
        assertThat(retrying.schemaById(1)).isEqualTo("by id");
        assertThat(pauses).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400));
    }

    @Test
    void givesUpInTheEnd() {
        failures = 4;
        assertThatThrownBy(() -> retrying.register("s", "{}")).isSameAs(failure);
        assertThat(pauses).hasSize(3);
    }

    @Test
    void handsOtherAnswersOnAtOnce() {
        failures = 1;
        failure = new UnknownSchemaException("never heard of it", null);
        assertThatThrownBy(() -> retrying.schemaByGuid(new UUID(1, 2))).isSameAs(failure);
        failures = 1;
        failure = new RegistryRefusedException("no", null);
        assertThatThrownBy(() -> retrying.lookUp("s", "{}")).isSameAs(failure);
        assertThat(pauses).isEmpty();
    }
}
