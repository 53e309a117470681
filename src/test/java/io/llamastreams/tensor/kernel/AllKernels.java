package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.vector.KernelProvider;
import java.util.List;

/** Every implementation that there is, the scalar one first. */
public final class AllKernels {
    private AllKernels() {}

    public static List<Kernels> list() {
        return List.of(
                new ScalarKernels(),
                KernelProvider.choose(KernelChoice.vector(128)),
                KernelProvider.choose(KernelChoice.vector(256)),
                KernelProvider.choose(KernelChoice.vector(512)));
    }
}
