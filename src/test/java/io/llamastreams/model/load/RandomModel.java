package io.llamastreams.model.load;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.tokenizer.SentencePieceModel;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/**
 * Llama models of any shape and any mix of types with seeded random weights, N(0, 0.02); norms are 1. The same shape and
 * seed give the same weights in every type, but for its rounding.
 *
 * <p>Matrices are cut from one pool of numbers, each from another place, so that a file of gigabytes is written as fast
 * as the disk takes it. By hand, after {@code mvn test-compile}:
 *
 * <pre>java -cp target/classes:target/test-classes io.llamastreams.model.load.RandomModel 110M Q8_0 out.gguf</pre>
 */
public final class RandomModel {
    /** The rotary base, epsilon and so on of Llama 2; heads of dim / heads. */
    private static final float THETA = 10000f;

    private static final float EPSILON = 1e-5f;
    private static final int BLOCK = 32;
    private static final int MAX_POOL = (1 << 22) + BLOCK * 1237;
    private static final float DEVIATION = 0.02f;

    private final LlamaConfig config;
    private long seed = 1;
    private boolean tied = true;
    private Function<String, TensorType> types = name -> TensorType.F32;
    private TestVocabulary vocabulary;

    private RandomModel(LlamaConfig config) {
        this.config = config;
        this.vocabulary = TestVocabulary.ofSize(config.vocabularySize());
    }

    /** A model with its output tied to the embedding, all F32, seed 1, and a small vocabulary of {@link TestVocabulary}. */
    public static RandomModel of(LlamaConfig config) {
        return new RandomModel(config);
    }

    /** The usual other numbers of Llama 2, heads of embedding / heads. */
    public static LlamaConfig shape(
            int vocabulary, int embedding, int layers, int heads, int kvHeads, int feedForward, int context) {
        return new LlamaConfig(
                vocabulary,
                embedding,
                layers,
                heads,
                kvHeads,
                embedding / heads,
                feedForward,
                context,
                THETA,
                1f,
                EPSILON);
    }

    /** The smallest that has everything: two layers, grouped-query heads, a few hundred tokens, rows of whole blocks. */
    public static RandomModel tiny() {
        return of(shape(320, 64, 2, 8, 4, 96, 128));
    }

    public RandomModel seed(long seed) {
        this.seed = seed;
        return this;
    }

    /** One type for all matrices. */
    public RandomModel type(TensorType type) {
        return types(name -> type);
    }

    /** A type by the matrix's name, e.g. {@code blk.0.attn_q.weight}; quantised ones need rows of whole blocks. */
    public RandomModel types(Function<String, TensorType> types) {
        this.types = types;
        return this;
    }

    /** A matrix of its own for the output. */
    public RandomModel ownOutput() {
        this.tied = false;
        return this;
    }

    /** Puts this vocabulary into the file; it must have as many tokens as the model. */
    public RandomModel vocabulary(TestVocabulary vocabulary) {
        if (vocabulary.pieces().size() != config.vocabularySize()) {
            throw new IllegalArgumentException("vocabulary: expected " + config.vocabularySize() + " tokens, found "
                    + vocabulary.pieces().size());
        }
        this.vocabulary = vocabulary;
        return this;
    }

    public LlamaConfig config() {
        return config;
    }

    public Path write(Path file) {
        writer().write(file);
        return file;
    }

    /** Everything set, to be changed or damaged before it is written. */
    public GgufWriter writer() {
        GgufWriter writer = new GgufWriter();
        putKeys(writer);
        int embedding = config.embeddingLength();
        Pool pool = new Pool();
        pool.matrix(writer, "token_embd.weight", config.vocabularySize(), embedding);
        for (int i = 0; i < config.layers(); i++) {
            String layer = "blk." + i + ".";
            norm(writer, layer + "attn_norm.weight");
            pool.matrix(writer, layer + "attn_q.weight", config.queryWidth(), embedding);
            pool.matrix(writer, layer + "attn_k.weight", config.kvWidth(), embedding);
            pool.matrix(writer, layer + "attn_v.weight", config.kvWidth(), embedding);
            pool.matrix(writer, layer + "attn_output.weight", embedding, config.queryWidth());
            norm(writer, layer + "ffn_norm.weight");
            pool.matrix(writer, layer + "ffn_gate.weight", config.feedForwardLength(), embedding);
            pool.matrix(writer, layer + "ffn_up.weight", config.feedForwardLength(), embedding);
            pool.matrix(writer, layer + "ffn_down.weight", embedding, config.feedForwardLength());
        }
        norm(writer, "output_norm.weight");
        if (!tied) {
            pool.matrix(writer, "output.weight", config.vocabularySize(), embedding);
        }
        return writer;
    }

    void putKeys(GgufWriter writer) {
        writer.string("general.architecture", "llama")
                .string("general.name", "random")
                .u32("general.alignment", BLOCK)
                .u32("llama.vocab_size", config.vocabularySize())
                .u32("llama.context_length", config.contextLength())
                .u32("llama.embedding_length", config.embeddingLength())
                .u32("llama.block_count", config.layers())
                .u32("llama.feed_forward_length", config.feedForwardLength())
                .u32("llama.rope.dimension_count", config.headSize())
                .u32("llama.attention.head_count", config.heads())
                .u32("llama.attention.head_count_kv", config.kvHeads())
                .f32("llama.attention.layer_norm_rms_epsilon", config.rmsEpsilon())
                .f32("llama.rope.freq_base", config.ropeTheta());
        if (config.queryWidth() != config.embeddingLength()) {
            writer.u32("llama.attention.key_length", config.headSize())
                    .u32("llama.attention.value_length", config.headSize());
        }
        if (config.ropeScale() != 1f) {
            writer.string("llama.rope.scaling.type", "linear").f32("llama.rope.scaling.factor", config.ropeScale());
        }
        vocabulary.putInto(writer);
    }

    private void norm(GgufWriter writer, String name) {
        float[] ones = new float[config.embeddingLength()];
        Arrays.fill(ones, 1f);
        byte[] bytes = new byte[ones.length * Float.BYTES];
        BlockFormats.encode(TensorType.F32, ones, 0, ones.length, MemorySegment.ofArray(bytes), 0);
        writer.tensor(
                name,
                TensorType.F32,
                new long[] {ones.length},
                out -> GgufWriter.writeFully(out, ByteBuffer.wrap(bytes)));
    }

    /** The numbers that all matrices are cut from, at block borders, encoded once in each type that is used. */
    private final class Pool {
        private final float[] numbers;
        private final Map<TensorType, byte[]> encoded = new EnumMap<>(TensorType.class);
        private int matrices;

        Pool() {
            numbers = new float[(int) Math.min(MAX_POOL, (config.parameters(tied) + BLOCK - 1) / BLOCK * BLOCK)];
            Random random = new Random(seed);
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextGaussian() * DEVIATION;
            }
        }

        void matrix(GgufWriter writer, String name, long rows, long columns) {
            TensorType type = types.apply(name);
            type.bytes(columns); // whole blocks
            byte[] bytes = encoded.computeIfAbsent(type, this::encode);
            int start = (int) ((long) matrices++ * BLOCK * 65537 % numbers.length) / BLOCK * BLOCK;
            int first = Math.toIntExact(type.bytes(start));
            long size = type.bytes(rows * columns);
            writer.tensor(name, type, new long[] {columns, rows}, out -> {
                long left = size;
                int at = first;
                while (left > 0) {
                    int part = (int) Math.min(left, bytes.length - at);
                    GgufWriter.writeFully(out, ByteBuffer.wrap(bytes, at, part));
                    left -= part;
                    at = 0;
                }
            });
        }

        private byte[] encode(TensorType type) {
            byte[] bytes = new byte[Math.toIntExact(type.bytes(numbers.length))];
            BlockFormats.encode(type, numbers, 0, numbers.length, MemorySegment.ofArray(bytes), 0);
            return bytes;
        }
    }

    private static RandomModel ofName(String shape) {
        return switch (shape.toUpperCase(Locale.ROOT)) {
            case "TINY" -> tiny();
            case "15M" -> of(shape(32000, 288, 6, 6, 6, 768, 1024));
            case "110M" -> of(shape(32000, 768, 12, 12, 12, 2048, 2048));
            case "1.1B" -> of(shape(32000, 2048, 22, 32, 4, 5632, 2048)).ownOutput();
            case "7B" -> of(LlamaConfig.llama7B()).ownOutput();
            default ->
                throw new IllegalArgumentException("shape: expected tiny, 15M, 110M, 1.1B or 7B, found " + shape);
        };
    }

    /** {@code SHAPE TYPE OUT.gguf [SEED [FILE]]}: the last, .gguf or tokenizer.model, gives its vocabulary to the new one. */
    public static void main(String[] args) {
        if (args.length < 3) {
            System.err.println("usage: RandomModel tiny|15M|110M|1.1B|7B F32|F16|BF16|Q8_0|Q4_0 OUT.gguf"
                    + " [SEED [FILE whose vocabulary is taken]]");
            System.exit(2);
        }
        RandomModel model = ofName(args[0]).type(TensorType.valueOf(args[1]));
        if (args.length > 3) {
            model.seed(Long.parseLong(args[3]));
        }
        if (args.length > 4) {
            Path source = Path.of(args[4]);
            model.vocabulary(
                    args[4].endsWith(".model")
                            ? TestVocabulary.of(SentencePieceModel.read(source))
                            : TestVocabulary.of(source));
        }
        System.out.println(model.write(Path.of(args[2])) + ": " + model.config + ", "
                + model.config.parameters(model.tied) + " parameters");
    }
}
