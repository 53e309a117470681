package io.llamastreams.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.tensor.kernel.AllKernels;
import io.llamastreams.tensor.kernel.Kernels;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The samplers of llama.cpp leave the same tokens with the same probabilities. The golden file, made by src/jmh/peer/samplers.c,
 * says of which release.
 */
class LlamaCppSamplersTest {

    /** Both compute in floats, llama.cpp with sums in floats as well: a few units of the seventh digit. */
    private static final double TOLERANCE = 2e-6;

    private static JsonNode golden() throws IOException {
        try (InputStream in = LlamaCppSamplersTest.class.getResourceAsStream("llama.cpp-samplers.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    @Test
    void leaveTheSameTokensWithTheSameProbabilities() throws IOException {
        JsonNode golden = golden();
        assertThat(golden.get("cases")).hasSizeGreaterThan(100);
        for (Kernels kernels : AllKernels.list()) {
            for (JsonNode example : golden.get("cases")) {
                float[] logits =
                        floats(golden.get("rows").get(example.get("row").intValue()));
                check(kernels, logits, example);
            }
        }
    }

    private static void check(Kernels kernels, float[] logits, JsonNode example) {
        SamplingParams params = params(example);
        SampleState state = new SampleState(params, 0, new int[0], new int[0], Optional.empty(), 100);
        example.get("text").forEach(token -> state.accept(token.intValue()));
        float[] row = new float[logits.length];
        state.rule(logits, 0, row, new long[TokenBits.longs(row.length)]);
        Sampler sampler = new Sampler(kernels, row.length);
        int drawn = sampler.draw(row, 0, params, 0);

        Map<Integer, Float> probabilities = new TreeMap<>();
        float[] all = floats(example.get("probabilities"));
        for (int i = 0; i < all.length; i++) {
            probabilities.put(example.get("ids").get(i).intValue(), all[i]);
        }
        // such tokens are never drawn here
        float likeliest = Collections.max(probabilities.values());
        probabilities.values().removeIf(probability -> probability < likeliest * 0x1p-40f);
        if (params.topK() == 1) {
            assertThat(probabilities).as(example.toString()).containsOnlyKeys(drawn);
            return;
        }
        long[] weights = sampler.weightsLeft();
        double total = Arrays.stream(weights).sum();
        assertThat(IntStream.range(0, weights.length).filter(id -> weights[id] > 0))
                .as("%s: %s", kernels.name(), example)
                .containsExactlyElementsOf(probabilities.keySet());
        probabilities.forEach((id, probability) -> assertThat(weights[id] / total)
                .as("%s: token %d of %s", kernels.name(), id, example)
                .isCloseTo(probability, within(TOLERANCE)));
    }

    private static SamplingParams params(JsonNode example) {
        Map<Integer, Float> biases = new HashMap<>();
        example.get("logit_bias")
                .properties()
                .forEach(entry -> biases.put(
                        Integer.parseInt(entry.getKey()), entry.getValue().floatValue()));
        return new SamplingParams(
                number(example, "temperature", 1),
                example.path("top_k").asInt(0),
                number(example, "top_p", 1),
                number(example, "min_p", 0),
                number(example, "typical_p", 1),
                new Penalties(
                        number(example, "repetition", 1),
                        number(example, "presence", 0),
                        number(example, "frequency", 0)),
                new TokenRules(biases, List.of(), List.of(), 0),
                0);
    }

    private static float number(JsonNode example, String name, float usual) {
        return example.has(name) ? example.get(name).floatValue() : usual;
    }

    private static float[] floats(JsonNode list) {
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).floatValue();
        }
        return values;
    }
}
