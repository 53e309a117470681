package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.tensor.kernel.ExactMath;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What {@link Sampler} must draw, by sorting the vocabulary and cutting the list: slow, and short enough to believe. */
final class PlainSampler {
    private PlainSampler() {}

    /** What the rules and penalties of a text make of a row; {@code permitted} are the tokens of its constraint. */
    static float[] ruled(
            float[] logits,
            SamplingParams params,
            List<Integer> prompt,
            List<Integer> text,
            Set<Integer> stopTokens,
            Set<Integer> permitted) {
        Set<Integer> forbidden =
                new HashSet<>(IntStream.range(0, logits.length).boxed().toList());
        forbidden.removeAll(permitted);
        if (!params.rules().allowedTokenIds().isEmpty()) {
            for (int id = 0; id < logits.length; id++) {
                if (!params.rules().allowedTokenIds().contains(id)) {
                    forbidden.add(id);
                }
            }
        }
        for (List<Integer> word : params.rules().badWords()) {
            List<Integer> beginning = word.subList(0, word.size() - 1);
            int from = text.size() - beginning.size();
            if (from >= 0 && text.subList(from, text.size()).equals(beginning)) {
                forbidden.add(word.getLast());
            }
        }
        if (text.size() < params.rules().minTokens()) {
            forbidden.addAll(stopTokens);
        }
        float[] row = logits.clone();
        for (int id = 0; id < row.length; id++) {
            if (forbidden.contains(id)) {
                row[id] = Float.NEGATIVE_INFINITY;
                continue;
            }
            row[id] += params.rules().logitBias().getOrDefault(id, 0f);
            Penalties penalties = params.penalties();
            int occurrences = Collections.frequency(text, id);
            if (occurrences > 0 || prompt.contains(id)) {
                row[id] = row[id] > 0 ? row[id] / penalties.repetition() : row[id] * penalties.repetition();
            }
            if (occurrences > 0) {
                row[id] -= occurrences * penalties.frequency() + penalties.presence();
            }
        }
        return row;
    }

    static int draw(float[] logits, SamplingParams params, long random) {
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        if (!Float.isFinite(max)) {
            return Sampler.NOT_NUMBERS;
        }
        List<Integer> kept = byLikelihood(logits);
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
        if (params.typicalP() < 1) {
            kept = typical(kept, weights, logits, max, params);
        }
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
        long heaviest = weights[kept.getFirst()];
        kept.removeIf(id -> weights[id] < (double) params.minP() * heaviest);
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

    /** All ids, likeliest first. */
    static List<Integer> byLikelihood(float[] logits) {
        // 0.0 - x and not -x: a logit of -0 equals one of 0
        Comparator<Integer> byLogit =
                Comparator.<Integer>comparingDouble(id -> 0.0 - logits[id]).thenComparing(id -> id);
        return new ArrayList<>(
                IntStream.range(0, logits.length).boxed().sorted(byLogit).toList());
    }

    private static List<Integer> typical(
            List<Integer> ids, long[] weights, float[] logits, float max, SamplingParams params) {
        long total = sum(ids, weights);
        BigInteger moments = BigInteger.ZERO;
        for (int id : ids) {
            long distance = (long) ((max - logits[id]) / params.temperature() * 0x1p20f);
            moments = moments.add(BigInteger.valueOf(weights[id]).multiply(BigInteger.valueOf(distance)));
        }
        double mean = moments.doubleValue() / total / 0x1p20;
        List<Integer> sorted = new ArrayList<>(ids);
        sorted.sort(Comparator.<Integer>comparingDouble(
                        id -> (float) Math.abs((max - logits[id]) / params.temperature() - mean))
                .thenComparing(id -> id));
        List<Integer> kept = new ArrayList<>();
        long sum = 0;
        for (int id : sorted) {
            kept.add(id);
            sum += weights[id];
            if (sum > Math.floor((double) params.typicalP() * total)) {
                break;
            }
        }
        return kept;
    }

    private static long sum(List<Integer> ids, long[] weights) {
        return ids.stream().mapToLong(id -> weights[id]).sum();
    }
}
