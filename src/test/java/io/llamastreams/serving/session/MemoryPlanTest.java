package io.llamastreams.serving.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.EngineSettingsException;
import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    private static final long GIB = 1L << 30;
    private static final LlamaConfig CONFIG = LlamaConfig.llama7B();

    /** Keys and values of 32 layers, 4096 numbers of 4 bytes each, for 16 positions. */
    private static final long BLOCK = 2L * 32 * 4096 * 4 * 16;

    @Test
    void takesHalfOfWhatIsAvailable() {
        MemoryPlan plan = MemoryPlan.of(CONFIG, settings(32, 0), 16 * GIB, 24 * GIB);
        assertThat(plan.kvBytes()).isEqualTo(8 * GIB / BLOCK * BLOCK);
        assertThat(plan.limits().kvBlocks()).isEqualTo((int) (8 * GIB / BLOCK));
        assertThat(plan.kvTokens()).isEqualTo(16L * plan.limits().kvBlocks());
    }

    @Test
    void takesNoMoreThanTheBatchCanUse() {
        MemoryPlan plan = MemoryPlan.of(CONFIG, settings(1, 0), 16 * GIB, 24 * GIB);
        assertThat(plan.kvTokens()).isEqualTo(4096);
    }

    @Test
    void takesWhatIsAskedFor() {
        MemoryPlan plan = MemoryPlan.of(CONFIG, settings(1, 10 * BLOCK + 1), 0, 24 * GIB);
        assertThat(plan.limits().kvBlocks()).isEqualTo(10);
        assertThat(plan.kvBytes()).isEqualTo(10 * BLOCK);
    }

    @Test
    void holdsTwiceAsManyTokensInHalves() {
        MemoryPlan plan = MemoryPlan.of(CONFIG, settings(1, 10 * BLOCK, KvType.F16), 0, 24 * GIB);
        assertThat(plan.limits().kvBlocks()).isEqualTo(20);
        assertThat(plan.limits().kvType()).isEqualTo(KvType.F16);
        assertThat(plan.kvBytes()).isEqualTo(10 * BLOCK);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> MemoryPlan.of(CONFIG, settings(1, BLOCK - 1), 16 * GIB, 24 * GIB))
                .isInstanceOf(EngineSettingsException.class)
                .hasMessage("KV cache bytes: expected at least 16777216 for 16 tokens, found 16777215");
        assertThatThrownBy(() -> MemoryPlan.of(CONFIG, settings(1, 0), 1000, 24 * GIB))
                .isInstanceOf(EngineSettingsException.class)
                .hasMessage("KV cache bytes: expected at least 16777216 for 16 tokens, found 0");
        assertThatThrownBy(() -> MemoryPlan.of(CONFIG, settings(1, Long.MAX_VALUE), 16 * GIB, 24 * GIB))
                .isInstanceOf(EngineSettingsException.class)
                .hasMessageStartingWith("KV cache bytes: expected at most 25769803776");
    }

    @Test
    void keepsArraysWithinTheirLength() {
        LlamaConfig wide = new LlamaConfig(1 << 20, 1 << 20, 1, 8, 8, 128, 1 << 20, 128, 10000f, 1f, 1e-5f);
        MemoryPlan plan = MemoryPlan.of(wide, settings(4096, 0), 16 * GIB, 24 * GIB);
        assertThat((long) plan.limits().maxRows() * wide.embeddingLength()).isLessThanOrEqualTo(1 << 30);
        assertThat((long) plan.limits().maxLogitRows() * wide.vocabularySize()).isLessThanOrEqualTo(1 << 30);
    }

    @Test
    void knowsTheMachine() {
        assertThat(MachineMemory.totalBytes()).isGreaterThan(GIB / 4);
        assertThat(MachineMemory.availableBytes()).isBetween(0L, MachineMemory.totalBytes());
    }

    @Test
    void namesSettingsOutOfRange() {
        assertThatThrownBy(() -> new EngineSettings(
                        new ComputeSettings(-1, KernelChoice.AUTO, WeightStorage.PACKED),
                        new KvCacheSettings(0, KvType.F32, true),
                        new EngineLimits(1, 1, 1, 1)))
                .isInstanceOf(EngineSettingsException.class)
                .hasMessage("threads: expected 0 to 1024, found -1");
        assertThatThrownBy(() -> settings(0, 0)).hasMessage("max batch: expected 1 to 4096, found 0");
        assertThatThrownBy(() -> settings(1, -1)).hasMessage("KV cache bytes: expected at least 0, found -1");
    }

    private static EngineSettings settings(int maxBatch, long kvCacheBytes) {
        return settings(maxBatch, kvCacheBytes, KvType.F32);
    }

    private static EngineSettings settings(int maxBatch, long kvCacheBytes, KvType kvType) {
        return new EngineSettings(
                new ComputeSettings(1, KernelChoice.AUTO, WeightStorage.PACKED),
                new KvCacheSettings(kvCacheBytes, kvType, true),
                new EngineLimits(maxBatch, 16384, 10, 10));
    }
}
