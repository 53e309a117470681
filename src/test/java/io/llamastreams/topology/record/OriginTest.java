package io.llamastreams.topology.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
    @ParameterizedTest
    @CsvSource({
        "prompts, 0, 0, prompts-0-0000000000000000000",
        "team-a.prompts-1, 10, 1234, team-a.prompts-1-10-0000000000000001234",
        "p, 2147483647, 9223372036854775807, p-2147483647-9223372036854775807"
    })
    void keysNameTheirPlace(String topic, int partition, long offset, String key) {
        Origin origin = new Origin(topic, partition, offset);
        assertThat(origin.storeKey()).isEqualTo(key);
        assertThat(Origin.ofStoreKey(key)).isEqualTo(origin);
    }

    @Test
    void keysOfAPartitionSortByOffset() {
        assertThat(new Origin("p", 3, 9).storeKey()).isLessThan(new Origin("p", 3, 10).storeKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "prompts", "prompts-1", "prompts-1-x", "prompts-x-1"})
    void refusesWhatIsNoKey(String key) {
        assertThatThrownBy(() -> Origin.ofStoreKey(key)).isInstanceOf(IllegalArgumentException.class);
    }
}
