package io.llamastreams.benchmark;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.save.GgufKeys;
import io.llamastreams.model.save.GgufModelWriter;
import io.llamastreams.model.save.NamedTensor;
import io.llamastreams.tensor.quant.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Writes a model file of a usual shape with random weights, for measuring alone: {@code SHAPE TYPE FILE [SEED]}. Shapes: 15M,
 * 110M, 1.1B, 7B; types: F32, F16, Q8_0, Q4_0. Runs from its source as well, with the packaged program on the class path.
 *
 * <p>Weights are normal with deviation 0.02, norms are 1. All matrices are cut from one pool of numbers, each from another
 * place, so that the largest of them is all that is in memory; the file holds them one after the other, and so no two reads are
 * of the same bytes.
 */
public final class RandomModelFile {
    private static final int VOCABULARY = 32_000;
    private static final int BLOCK = 32;
    private static final int BYTE_PIECES = 256;
    private static final double DEVIATION = 0.02;

    private final LlamaConfig config;
    private final SplittableRandom random;
    private final float[] pool;
    private final List<NamedTensor> tensors = new ArrayList<>();

    private RandomModelFile(LlamaConfig config, long seed) {
        this.config = config;
        random = new SplittableRandom(seed);
        int largest = Math.multiplyExact(
                config.embeddingLength(), Math.max(config.vocabularySize(), config.feedForwardLength()));
        pool = new float[Math.addExact(largest, BLOCK << 15)];
        for (int i = 0; i < pool.length; i++) {
            pool[i] = (float) (random.nextGaussian() * DEVIATION);
        }
    }

    public static void main(String[] args) {
        if (args.length < 3 || args.length > 4) {
            System.err.println("usage: RandomModelFile 15M|110M|1.1B|7B F32|F16|Q8_0|Q4_0 FILE [SEED]");
            System.exit(2);
        }
        Shape shape = Shape.of(args[0]);
        TensorType type = TensorType.valueOf(args[1].toUpperCase(Locale.ROOT));
        RandomModelFile model = new RandomModelFile(shape.config, args.length > 3 ? Long.parseLong(args[3]) : 1);
        model.addTensors(shape.tiedOutput);
        GgufModelWriter.write(Path.of(args[2]), shape.config, vocabulary(args[0]), model.tensors, type);
        System.out.println(args[2] + ": " + shape.config.parameters(shape.tiedOutput) + " random weights, " + type);
    }

    private record Shape(LlamaConfig config, boolean tiedOutput) {
        static Shape of(String name) {
            return switch (name.toUpperCase(Locale.ROOT)) {
                case "15M" -> new Shape(config(288, 6, 6, 6, 768, 1024), true);
                case "110M" -> new Shape(config(768, 12, 12, 12, 2048, 2048), true);
                case "1.1B" -> new Shape(config(2048, 22, 32, 4, 5632, 2048), false);
                case "7B" -> new Shape(LlamaConfig.llama7B(), false);
                default -> throw new IllegalArgumentException("shape: expected 15M, 110M, 1.1B or 7B, found " + name);
            };
        }

        private static LlamaConfig config(
                int embedding, int layers, int heads, int kvHeads, int feedForward, int context) {
            return LlamaConfig.builder()
                    .vocabularySize(VOCABULARY)
                    .embeddingLength(embedding)
                    .layers(layers)
                    .heads(heads)
                    .kvHeads(kvHeads)
                    .headSize(embedding / heads)
                    .feedForwardLength(feedForward)
                    .contextLength(context)
                    .build();
        }
    }

    private void addTensors(boolean tiedOutput) {
        int embedding = config.embeddingLength();
        matrix("token_embd.weight", config.vocabularySize(), embedding);
        for (int i = 0; i < config.layers(); i++) {
            String layer = "blk." + i + ".";
            norm(layer + "attn_norm.weight");
            matrix(layer + "attn_q.weight", config.queryWidth(), embedding);
            matrix(layer + "attn_k.weight", config.kvWidth(), embedding);
            matrix(layer + "attn_v.weight", config.kvWidth(), embedding);
            matrix(layer + "attn_output.weight", embedding, config.queryWidth());
            norm(layer + "ffn_norm.weight");
            matrix(layer + "ffn_gate.weight", config.feedForwardLength(), embedding);
            matrix(layer + "ffn_up.weight", config.feedForwardLength(), embedding);
            matrix(layer + "ffn_down.weight", embedding, config.feedForwardLength());
        }
        norm("output_norm.weight");
        if (!tiedOutput) {
            matrix("output.weight", config.vocabularySize(), embedding);
        }
    }

    private void matrix(String name, int rows, int columns) {
        int places = (pool.length - rows * columns) / BLOCK + 1;
        tensors.add(new NamedTensor(name, rows, columns, pool, random.nextInt(places) * BLOCK));
    }

    private void norm(String name) {
        float[] ones = new float[config.embeddingLength()];
        Arrays.fill(ones, 1f);
        tensors.add(NamedTensor.vector(name, ones));
    }

    /** Control pieces, bytes, and words that nobody will miss: as much of a vocabulary as loaders want to see. */
    private static GgufKeys vocabulary(String shape) {
        List<String> pieces = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        int[] types = new int[VOCABULARY];
        float[] scores = new float[VOCABULARY];
        types[0] = 2;
        types[1] = 3;
        types[2] = 3;
        for (int i = 0; i < BYTE_PIECES; i++) {
            types[pieces.size()] = 6;
            pieces.add(String.format(Locale.ROOT, "<0x%02X>", i));
        }
        while (pieces.size() < VOCABULARY) {
            types[pieces.size()] = 1;
            scores[pieces.size()] = -pieces.size();
            pieces.add("\u2581word" + pieces.size());
        }
        return new GgufKeys()
                .string("general.name", "random " + shape)
                .string("tokenizer.ggml.model", "llama")
                .strings("tokenizer.ggml.tokens", pieces)
                .numbers("tokenizer.ggml.scores", scores)
                .integers("tokenizer.ggml.token_type", types)
                .unsigned("tokenizer.ggml.bos_token_id", 1)
                .unsigned("tokenizer.ggml.eos_token_id", 2)
                .unsigned("tokenizer.ggml.unknown_token_id", 0);
    }
}
