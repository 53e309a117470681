package io.llamastreams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.model.load.RandomModel;
import io.llamastreams.tensor.kernel.AllKernels;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.TensorType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    private static final Set<TensorType> ALL = EnumSet.allOf(TensorType.class);

    /** Heads of several sizes, alone and in groups, among them sizes that are no whole blocks. */
    private static final List<LlamaConfig> SHAPES = List.of(
            RandomModel.shape(512, 64, 5, 8, 4, 172, 512),
            RandomModel.shape(32000, 768, 12, 12, 12, 2048, 2048),
            RandomModel.shape(320, 96, 2, 2, 1, 96, 128),
            LlamaConfig.llama7B(),
            LlamaConfig.llama70B());

    @Test
    void runsForEveryShapeTypeAndKernel() {
        for (Kernels kernels : AllKernels.list()) {
            for (LlamaConfig config : SHAPES) {
                AtomicInteger looks = new AtomicInteger();
                try (WorkerPool pool = new WorkerPool(2)) {
                    WarmUp.run(config, ALL, kernels, pool, () -> looks.getAndIncrement(), 3L * ALL.size());
                }
                // A look at the clock at the start, and before each of the rounds that fit.
                assertThat(looks.get()).as("%s, %s", kernels.name(), config).isGreaterThan(3 * ALL.size());
            }
        }
    }

    @Test
    void endsWhenTheTimeIsOverAndAfterSomeRoundsInAnyCase() {
        Kernels kernels = AllKernels.list().getFirst();
        try (WorkerPool pool = new WorkerPool(1)) {
            AtomicInteger looks = new AtomicInteger();
            WarmUp.run(SHAPES.getFirst(), ALL, kernels, pool, () -> 1000L * looks.getAndIncrement(), 10);
            assertThat(looks.get()).isEqualTo(1 + ALL.size());

            looks.set(0);
            WarmUp.run(
                    SHAPES.getFirst(),
                    EnumSet.of(TensorType.F32),
                    kernels,
                    pool,
                    () -> {
                        looks.getAndIncrement();
                        return 0;
                    },
                    10);
            assertThat(looks.get()).isEqualTo(1 + 100);
        }
    }
}
