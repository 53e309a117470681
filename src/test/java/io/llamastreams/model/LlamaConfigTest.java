package io.llamastreams.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LlamaConfigTest {

    @Test
    void presetsHaveThePublishedNumberOfParameters() {
        // Touvron et al. 2023, and the parameter counts of the released checkpoints.
        assertThat(LlamaConfig.llama7B().parameters(false)).isEqualTo(6_738_415_616L);
        assertThat(LlamaConfig.llama13B().parameters(false)).isEqualTo(13_015_864_320L);
        assertThat(LlamaConfig.llama70B().parameters(false)).isEqualTo(68_976_648_192L);
        assertThat(LlamaConfig.llama34B().parameters(false)).isBetween(33_000_000_000L, 35_000_000_000L);
    }

    @Test
    void rejectsHeadsThatDoNotDivide() {
        assertThatThrownBy(() -> new LlamaConfig(32, 12, 1, 3, 2, 4, 8, 16, 10000f, 1f, 1e-5f))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("KV heads: expected a divisor of 3 heads, found 2");
    }
}
