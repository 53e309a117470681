package io.llamastreams.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhiloxTest {

    /** The first two words of the known answers for philox4x32-10 that come with the authors' Random123 library. */
    @Test
    void givesThePublishedAnswers() {
        assertThat(Philox.block(0, 0, 0, 0, 0, 0)).isEqualTo(0xe169c58d_6627e8d5L);
        assertThat(Philox.block(-1, -1, -1, -1, -1, -1)).isEqualTo(0x41c83b0e_408f276dL);
        assertThat(Philox.block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0))
                .isEqualTo(0x94fdcceb_d16cfe09L);
    }

    @Test
    void differsForEachSeedSampleAndPosition() {
        Set<Long> seen = new HashSet<>();
        long[] seeds = {0, 1, -1, 1L << 32, Long.MIN_VALUE};
        for (long seed : seeds) {
            for (int sample = 0; sample < 4; sample++) {
                for (int position = 0; position < 100; position++) {
                    seen.add(Philox.bits(seed, sample, position));
                }
            }
        }
        assertThat(seen).hasSize(seeds.length * 4 * 100);
    }
}
