package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.tensor.kernel.ExactMath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What {@link Sampler} must draw, by sorting the vocabulary and cutting the list: slow, and short enough to believe. */
final class PlainSampler {
    private PlainSampler() {}

    static int draw(float[] logits, SamplingParams params, long random) {
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        if (!Float.isFinite(max)) {
            return Sampler.NOT_NUMBERS;
        }
        // 0.0 - x and not -x: a logit of -0 equals one of 0
        Comparator<Integer> byLogit =
                Comparator.<Integer>comparingDouble(id -> 0.0 - logits[id]).thenComparing(id -> id);
        List<Integer> kept = new ArrayList<>(
                IntStream.range(0, logits.length).boxed().sorted(byLogit).toList());
        if (params.isGreedy()) {
            return kept.getFirst();
        }
        if (params.topK() > 0 && params.topK() < kept.size()) {
            kept = new ArrayList<>(kept.subList(0, params.topK()));
        }
        long[] weights = new long[logits.length];
        for (int id = 0; id < logits.length; id++) {
            float exponent = (logits[id] - max) / params.temperature();
            weights[id] = exponent < -40 * (float) Math.log(2) ? 0 : (long) (ExactMath.exp(exponent) * 0x1p40);
        }
        kept.removeIf(id -> weights[id] == 0);
        kept.sort(Comparator.<Integer>comparingLong(id -> -weights[id]).thenComparing(id -> id));
        if (params.topP() < 1) {
            double wanted = Math.ceil((double) params.topP() * sum(kept, weights));
            long sum = 0;
            int count = 0;
            while (sum < wanted) {
                sum += weights[kept.get(count++)];
            }
            kept = new ArrayList<>(kept.subList(0, count));
        }
        kept.removeIf(id -> weights[id] < (double) params.minP() * 0x1p40);
        kept.sort(null);
        long left = Math.unsignedMultiplyHigh(random, sum(kept, weights));
        for (int id : kept) {
            left -= weights[id];
            if (left < 0) {
                return id;
            }
        }
        throw new AssertionError("nothing left");
    }

    private static long sum(List<Integer> ids, long[] weights) {
        return ids.stream().mapToLong(id -> weights[id]).sum();
    }
}
