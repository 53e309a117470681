package io.llamastreams.serving.session;

import io.llamastreams.engine.request.EngineSetting;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.tensor.kernel.KernelChoice;

/**
 * What an engine computes with. None of it changes a text.
 *
 * @param threads that compute, the engine's own among them; 0 for one per physical core
 * @param kernels which implementation of the arithmetic
 * @param weights where the model's weights lie
 */
public record ComputeSettings(int threads, KernelChoice kernels, WeightStorage weights) {

    public static final ComputeSettings DEFAULT = new ComputeSettings(0, KernelChoice.AUTO, WeightStorage.PACKED);

    /** @throws io.llamastreams.engine.request.EngineSettingsException if there cannot be so many threads */
    public ComputeSettings {
        EngineSetting.THREADS.check(threads);
    }
}
