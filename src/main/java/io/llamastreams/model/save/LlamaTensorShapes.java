package io.llamastreams.model.save;

import io.llamastreams.model.LlamaConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors that a Llama model consists of, in the order of a file, with their names and shapes. No state. */
final class LlamaTensorShapes {
    private static final String OUTPUT = "output.weight";

    /** @param norm whether it is a vector of {@code columns} numbers, and {@code rows} is 1 */
    private record Shape(String name, int rows, int columns, boolean norm) {}

    /** A tensor that has the shape it must have. */
    record Checked(NamedTensor tensor, boolean norm) {}

    private final LlamaConfig config;
    private final List<Shape> shapes = new ArrayList<>();

    private LlamaTensorShapes(LlamaConfig config, boolean ownOutput) {
        this.config = config;
        int embedding = config.embeddingLength();
        matrix("token_embd.weight", config.vocabularySize(), embedding);
        for (int i = 0; i < config.layers(); i++) {
            layer("blk." + i + ".");
        }
        norm("output_norm.weight");
        if (ownOutput) {
            matrix(OUTPUT, config.vocabularySize(), embedding);
        }
    }

    /**
     * Puts tensors into the order of a file. Without an output matrix it is the embedding.
     *
     * @throws IllegalArgumentException naming the tensor that is missing, left over, there twice or of another shape
     */
    static List<Checked> inOrder(LlamaConfig config, List<NamedTensor> tensors) {
        Map<String, NamedTensor> byName = new HashMap<>();
        for (NamedTensor tensor : tensors) {
            if (byName.put(tensor.name(), tensor) != null) {
                throw new IllegalArgumentException(tensor.thing() + ": expected once, found a second time");
            }
        }
        LlamaTensorShapes expected = new LlamaTensorShapes(config, byName.containsKey(OUTPUT));
        Set<String> left = new HashSet<>(byName.keySet());
        List<Checked> checked = new ArrayList<>();
        for (Shape shape : expected.shapes) {
            NamedTensor tensor = byName.get(shape.name());
            String wanted = "[" + shape.rows() + ", " + shape.columns() + "]";
            if (tensor == null) {
                throw new IllegalArgumentException(
                        "tensor " + shape.name() + ": expected " + wanted + ", found no such tensor");
            }
            if (tensor.rows() != shape.rows() || tensor.columns() != shape.columns()) {
                throw new IllegalArgumentException(tensor.thing() + ": expected " + wanted + ", found [" + tensor.rows()
                        + ", " + tensor.columns() + "]");
            }
            left.remove(shape.name());
            checked.add(new Checked(tensor, shape.norm()));
        }
        for (NamedTensor tensor : tensors) {
            if (left.contains(tensor.name())) {
                throw new IllegalArgumentException(
                        tensor.thing() + ": expected no tensor of this name in a Llama 2 model of " + config.layers()
                                + " layers, found [" + tensor.rows() + ", " + tensor.columns() + "]");
            }
        }
        return checked;
    }

    private void layer(String prefix) {
        int embedding = config.embeddingLength();
        int feedForward = config.feedForwardLength();
        norm(prefix + "attn_norm.weight");
        matrix(prefix + "attn_q.weight", config.queryWidth(), embedding);
        matrix(prefix + "attn_k.weight", config.kvWidth(), embedding);
        matrix(prefix + "attn_v.weight", config.kvWidth(), embedding);
        matrix(prefix + "attn_output.weight", embedding, config.queryWidth());
        norm(prefix + "ffn_norm.weight");
        matrix(prefix + "ffn_gate.weight", feedForward, embedding);
        matrix(prefix + "ffn_up.weight", feedForward, embedding);
        matrix(prefix + "ffn_down.weight", embedding, feedForward);
    }

    private void norm(String name) {
        shapes.add(new Shape(name, 1, config.embeddingLength(), true));
    }

    private void matrix(String name, int rows, int columns) {
        shapes.add(new Shape(name, rows, columns, false));
    }
}
