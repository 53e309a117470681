package io.llamastreams.training;

import io.llamastreams.engine.sampling.Philox;
import io.llamastreams.training.network.ParameterLayout;
import io.llamastreams.training.optimiser.ParameterTensor;

/**
 * The weights that training begins with: norms 1, matrices normal around 0. Each number is a function of seed, tensor and
 * place, by the transform of Box and Muller 1958.
 */
final class InitialWeights {
    private InitialWeights() {}

    static float[] of(ParameterLayout layout, long seed, float deviation) {
        float[] weights = new float[layout.size()];
        float towardsResidual =
                (float) (deviation / Math.sqrt(2.0 * layout.config().layers()));
        for (int number = 0; number < layout.tensors().size(); number++) {
            ParameterTensor tensor = layout.tensors().get(number);
            for (int i = 0; i < tensor.size(); i++) {
                weights[tensor.offset() + i] = tensor.decayed()
                        ? (writesToResidual(tensor) ? towardsResidual : deviation) * normal(seed, number, i)
                        : 1f;
            }
        }
        return weights;
    }

    private static boolean writesToResidual(ParameterTensor tensor) {
        return tensor.name().endsWith("attn_output.weight") || tensor.name().endsWith("ffn_down.weight");
    }

    private static float normal(long seed, int tensor, int place) {
        long bits = Philox.bits(seed, tensor, place);
        double u = ((bits >>> 32) + 1) * 0x1p-32;
        double v = (bits & 0xFFFFFFFFL) * 0x1p-32;
        return (float) (Math.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v));
    }
}
