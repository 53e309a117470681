package io.llamastreams.app.bench;

import io.llamastreams.model.LlamaWeights;
import io.llamastreams.stats.StepPhase;
import io.llamastreams.tensor.kernel.WeightMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The matrices that a step multiplies with in one phase: those of all layers that take the same input.
 *
 * @param types of the numbers, such as {@code Q8_0}, or several with {@code +}
 * @param rows results in a layer
 * @param columns numbers of an input
 * @param weights numbers in all layers
 * @param bytes of weights in all layers
 */
public record MatrixGroup(StepPhase phase, String types, int rows, int columns, long weights, long bytes) {

    /** Those of a model, in the order of a step. */
    public static List<MatrixGroup> of(LlamaWeights weights) {
        List<LlamaWeights.Layer> layers = weights.layers();
        return List.of(
                group(
                        StepPhase.QUERY_KEY_VALUE,
                        layers.size(),
                        layers.stream().flatMap(layer -> Stream.of(layer.query(), layer.key(), layer.value()))),
                group(
                        StepPhase.ATTENTION_OUTPUT,
                        layers.size(),
                        layers.stream().map(LlamaWeights.Layer::attentionOutput)),
                group(
                        StepPhase.GATE_AND_UP,
                        layers.size(),
                        layers.stream().flatMap(layer -> Stream.of(layer.gate(), layer.up()))),
                group(StepPhase.DOWN, layers.size(), layers.stream().map(LlamaWeights.Layer::down)),
                group(StepPhase.VOCABULARY, 1, Stream.of(weights.output())));
    }

    private static MatrixGroup group(StepPhase phase, int layers, Stream<WeightMatrix> matrices) {
        List<WeightMatrix> all = new ArrayList<>(matrices.toList());
        long rows = all.stream().mapToLong(WeightMatrix::rows).sum();
        int columns = all.getFirst().columns();
        return new MatrixGroup(
                phase,
                all.stream()
                        .map(matrix -> matrix.type().name())
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining("+")),
                (int) (rows / layers),
                columns,
                rows * columns,
                all.stream().mapToLong(WeightMatrix::weightBytes).sum());
    }

    /** How fast the phase went; waiting in it counts, since the product is not there before all threads are done. */
    public Rate rate(StepTimes times) {
        boolean logits = phase == StepPhase.VOCABULARY;
        int reads = logits ? times.logitSteps() : times.steps();
        long inputs = logits ? times.logitRows() : times.rows();
        double seconds = Math.max(1, times.phases().get(phase).nanos()) / 1e9;
        return new Rate(
                (double) inputs / Math.max(1, reads),
                seconds / times.steps(),
                bytes * (double) reads / seconds,
                2.0 * weights * inputs / seconds);
    }

    /**
     * A speed.
     *
     * @param inputs rows that were multiplied together, the mean of the steps
     * @param secondsPerStep of all layers together
     * @param bytesPerSecond of weights
     * @param operationsPerSecond two for each weight and input
     */
    public record Rate(double inputs, double secondsPerStep, double bytesPerSecond, double operationsPerSecond) {}
}
