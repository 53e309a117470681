package io.llamastreams.topology.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsageGroupTest {

    @Test
    void survivesTheRoundTrip() {
        for (UsageGroup group : List.of(
                new UsageGroup("", ""),
                new UsageGroup("acme", "m"),
                new UsageGroup("", "ü日"),
                new UsageGroup("a|b\n", ""))) {
            byte[] bytes = UsageGroup.serde().serializer().serialize("t", group);
            assertThat(UsageGroup.serde().deserializer().deserialize("t", bytes))
                    .isEqualTo(group);
        }
    }

    @Test
    void bytesStayAsTheyWere() {
        // Entries of earlier versions are found by these.
        assertThat(UsageGroup.serde().serializer().serialize("t", new UsageGroup("ab", "c")))
                .isEqualTo(HexFormat.of().parseHex("00000002616263"));
    }
}
