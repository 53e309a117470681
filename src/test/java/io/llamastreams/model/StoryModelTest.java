package io.llamastreams.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.llamastreams.tensor.kernel.AllKernels;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.testing.Outside;
import io.llamastreams.testing.OutsideFiles;
import java.io.IOException;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * A model that others trained, from files that others wrote: stories260K of llama2.c, and what llama.cpp makes of it. What
 * {@link LlamaForwardTest} checks with the carried model is the same.
 */
class StoryModelTest {
    private static final String F32 = "stories260K-f32.gguf";

    @Test
    @Outside({F32, "stories260k-greedy.json"})
    void greedyIdsAreThoseOfAnIndependentProgram() throws IOException {
        for (Kernels kernels : AllKernels.list()) {
            try (ForwardHarness harness = new ForwardHarness(OutsideFiles.file(F32), kernels, 2, 1)) {
                for (JsonNode example : golden("greedy").get("cases")) {
                    int[] expected = ints(example.get("greedy"));
                    assertThat(LlamaForwardTest.greedy(harness, kernels, ints(example.get("prompt")), expected.length))
                            .as(kernels.name())
                            .containsExactly(expected);
                }
            }
        }
    }

    @Test
    @Outside({F32, "stories260k-logits.json"})
    void logitsAreThoseOfAnIndependentProgram() throws IOException {
        try (ForwardHarness harness =
                new ForwardHarness(OutsideFiles.file(F32), AllKernels.list().getLast(), 1, 1)) {
            for (JsonNode example : golden("logits").get("cases")) {
                float[] logits = harness.run(harness.blockTable(0), 0, ints(example.get("prompt")), 64);
                assertThat(example.get("logits").size()).isEqualTo(logits.length);
                for (int i = 0; i < logits.length; i++) {
                    assertThat(logits[i])
                            .isCloseTo((float) example.get("logits").get(i).asDouble(), within(1e-3f));
                }
            }
        }
    }

    @Test
    @Outside({F32, "stories260K-f16.gguf", "stories260K-q8_0.gguf", "stories260K-q4_0.gguf", "stories260k-nll.json"})
    void likelihoodOfATextIsThatOfAnIndependentProgramInEveryFormat() throws IOException {
        JsonNode cases = golden("nll").get("cases");
        assertThat(cases).isNotEmpty();
        for (JsonNode example : cases) {
            for (String format : List.of("f32", "f16", "q8_0", "q4_0")) {
                double expected = example.get("nll").get(format).asDouble();
                double tolerance = format.startsWith("f") ? 0.001 : 0.01;
                assertThat(LlamaForwardTest.negativeLogLikelihood(
                                OutsideFiles.file("stories260K-" + format + ".gguf"),
                                KvType.F32,
                                ints(example.get("ids"))))
                        .as(format)
                        .isCloseTo(expected, within(expected * tolerance));
            }
        }
    }

    private static JsonNode golden(String kind) throws IOException {
        return new ObjectMapper()
                .readTree(OutsideFiles.file("stories260k-" + kind + ".json").toFile());
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
