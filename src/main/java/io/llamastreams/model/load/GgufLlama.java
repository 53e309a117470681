package io.llamastreams.model.load;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.quant.PlainFormat;
import io.llamastreams.tensor.quant.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a GGUF file says about a Llama model, by the names that llama.cpp gives to keys and tensors.
 *
 * <p>Whatever would have to be computed differently (experts, biases, other RoPE scalings, unknown {@code llama.*} keys,
 * unknown tensors) is refused by name: leaving it out would give wrong text without a word.
 */
public final class GgufLlama {
    /** Above any vocabulary in use; the rest of the limits likewise, so that products of them stay small numbers. */
    static final int MAX_VOCABULARY = 1 << 20;

    static final int MAX_WIDTH = 1 << 20;
    static final int MAX_LAYERS = 1 << 10;
    static final int MAX_HEADS = 1 << 12;
    static final int MAX_CONTEXT = 1 << 20;

    private static final String ARCHITECTURE = "llama";
    private static final String EMBEDDING = "token_embd.weight";
    private static final String OUTPUT = "output.weight";
    private static final String ROPE_DEFAULT_TYPE = "linear";
    private static final float ROPE_DEFAULT_BASE = 10000f;

    /** Keys that are read here, or say nothing about the computation. */
    private static final Set<String> KNOWN_KEYS = Set.of(
            "llama.vocab_size",
            "llama.context_length",
            "llama.embedding_length",
            "llama.block_count",
            "llama.feed_forward_length",
            "llama.attention.head_count",
            "llama.attention.head_count_kv",
            "llama.attention.key_length",
            "llama.attention.value_length",
            "llama.attention.layer_norm_rms_epsilon",
            "llama.rope.dimension_count",
            "llama.rope.freq_base",
            "llama.rope.scale_linear",
            "llama.rope.scaling.type",
            "llama.rope.scaling.factor",
            "llama.rope.scaling.original_context_length",
            "llama.rope.scaling.finetuned",
            "llama.expert_count",
            "llama.expert_used_count",
            "llama.tensor_data_layout");

    private final GgufFile file;
    private final GgufMetadata metadata;

    private GgufLlama(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    /**
     * The model's shape, from the metadata and the size of the embedding.
     *
     * @throws ModelFormatException if the file is no Llama model, or one that this program cannot compute
     */
    public static LlamaConfig config(GgufFile file) {
        return new GgufLlama(file).config();
    }

    /**
     * The tensors by role, each with the shape that {@code config} asks for, and no other tensors.
     *
     * @throws ModelFormatException if one is missing, left over, or has another shape or an unsuited type
     */
    public static LlamaTensors tensors(GgufFile file, LlamaConfig config) {
        return new GgufLlama(file).tensors(config);
    }

    private LlamaConfig config() {
        checkKind();
        int embedding = required("llama.embedding_length", MAX_WIDTH);
        int heads = required("llama.attention.head_count", MAX_HEADS);
        int kvHeads = optional("llama.attention.head_count_kv", MAX_HEADS, heads);
        if (heads % kvHeads != 0) {
            throw expected("key llama.attention.head_count_kv", "a divisor of " + heads + " heads", kvHeads);
        }
        return LlamaConfig.builder()
                .vocabularySize(vocabularySize())
                .embeddingLength(embedding)
                .layers(required("llama.block_count", MAX_LAYERS))
                .heads(heads)
                .kvHeads(kvHeads)
                .headSize(headSize(embedding, heads))
                .feedForwardLength(required("llama.feed_forward_length", MAX_WIDTH))
                .contextLength(required("llama.context_length", MAX_CONTEXT))
                .ropeTheta(positive("llama.rope.freq_base", ROPE_DEFAULT_BASE))
                .ropeScale(ropeScale())
                .rmsEpsilon(rmsEpsilon())
                .build();
    }

    private void checkKind() {
        String architecture = metadata.string("general.architecture")
                .orElseThrow(() -> expected("key general.architecture", ARCHITECTURE, "no such key"));
        if (!architecture.equals(ARCHITECTURE)) {
            throw expected("key general.architecture", ARCHITECTURE, ModelFormatException.quote(architecture));
        }
        long parts = metadata.integer("split.count").orElse(1);
        if (parts > 1) {
            throw expected("key split.count", "a model in one file", parts + " files");
        }
        for (String key : metadata.keys()) {
            if (key.startsWith("llama.") && !KNOWN_KEYS.contains(key)) {
                String value = metadata.describe(key).orElseThrow();
                throw expected(
                        "key " + ModelFormatException.quote(key),
                        "no such key, since its effect is not known here",
                        value);
            }
        }
        for (String key : List.of("llama.expert_count", "llama.expert_used_count")) {
            long experts = metadata.integer(key).orElse(0);
            if (experts != 0) {
                throw expected("key " + key, "0, a model without experts", experts);
            }
        }
    }

    private int vocabularySize() {
        long[] shape = tensor(EMBEDDING, "the embedding of each token").shape();
        if (shape.length != 2) {
            throw expected("tensor " + EMBEDDING, "2 dimensions", Arrays.toString(shape));
        }
        if (shape[1] > MAX_VOCABULARY) {
            throw expected("tensor " + EMBEDDING, "at most " + MAX_VOCABULARY + " tokens", shape[1]);
        }
        int size = (int) shape[1];
        checkVocabulary("key llama.vocab_size", metadata.integer("llama.vocab_size"), size);
        for (String key : List.of("tokens", "scores", "token_type")) {
            checkVocabulary("key tokenizer.ggml." + key, metadata.arrayLength("tokenizer.ggml." + key), size);
        }
        return size;
    }

    private void checkVocabulary(String thing, OptionalLong found, int size) {
        if (found.isPresent() && found.getAsLong() != size) {
            throw expected(thing, size + " tokens as in " + EMBEDDING, found.getAsLong());
        }
    }

    private int headSize(int embedding, int heads) {
        if (metadata.integer("llama.attention.key_length").isEmpty() && embedding % heads != 0) {
            throw expected("key llama.attention.head_count", "a divisor of the embedding length " + embedding, heads);
        }
        int size = optional("llama.attention.key_length", MAX_WIDTH, Math.max(1, embedding / heads));
        if (size % 2 != 0) {
            throw expected("head size", "an even number", size);
        }
        if ((long) size * heads > MAX_WIDTH) {
            throw expected("heads times head size", "at most " + MAX_WIDTH, (long) size * heads);
        }
        for (String key : List.of("llama.attention.value_length", "llama.rope.dimension_count")) {
            int other = optional(key, MAX_WIDTH, size);
            if (other != size) {
                throw expected("key " + key, "the head size " + size, other);
            }
        }
        return size;
    }

    /** Without a type a factor means linear scaling, as in llama.cpp. */
    private float ropeScale() {
        String type = metadata.string("llama.rope.scaling.type").orElse(ROPE_DEFAULT_TYPE);
        float factor = positive("llama.rope.scaling.factor", positive("llama.rope.scale_linear", 1f));
        return switch (type) {
            case "none" -> 1f;
            case ROPE_DEFAULT_TYPE -> factor;
            default ->
                throw expected("key llama.rope.scaling.type", "none or linear", ModelFormatException.quote(type));
        };
    }

    private float rmsEpsilon() {
        String key = "llama.attention.layer_norm_rms_epsilon";
        if (metadata.number(key).isEmpty()) {
            throw expected("key " + key, "a floating-point number", "no such key");
        }
        return positive(key, 0);
    }

    private LlamaTensors tensors(LlamaConfig config) {
        int embedding = config.embeddingLength();
        Set<String> used = new HashSet<>();
        GgufTensor tokenEmbedding = matrix(used, EMBEDDING, config.vocabularySize(), embedding);
        boolean tied = file.tensor(OUTPUT).isEmpty();
        GgufTensor output = tied ? tokenEmbedding : matrix(used, OUTPUT, config.vocabularySize(), embedding);
        List<LlamaTensors.Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            layers.add(layer(used, config, "blk." + i + "."));
        }
        GgufTensor outputNorm = norm(used, "output_norm.weight", embedding);
        for (GgufTensor tensor : file.tensors()) {
            if (!used.contains(tensor.name())) {
                throw expected(
                        "tensor " + ModelFormatException.quote(tensor.name()),
                        "no tensor of this name in a Llama 2 model of " + config.layers() + " layers",
                        tensor.type() + " " + Arrays.toString(tensor.shape()));
            }
        }
        return new LlamaTensors(tokenEmbedding, outputNorm, output, tied, layers);
    }

    private LlamaTensors.Layer layer(Set<String> used, LlamaConfig config, String prefix) {
        int embedding = config.embeddingLength();
        int feedForward = config.feedForwardLength();
        return new LlamaTensors.Layer(
                norm(used, prefix + "attn_norm.weight", embedding),
                matrix(used, prefix + "attn_q.weight", config.queryWidth(), embedding),
                matrix(used, prefix + "attn_k.weight", config.kvWidth(), embedding),
                matrix(used, prefix + "attn_v.weight", config.kvWidth(), embedding),
                matrix(used, prefix + "attn_output.weight", embedding, config.queryWidth()),
                norm(used, prefix + "ffn_norm.weight", embedding),
                matrix(used, prefix + "ffn_gate.weight", feedForward, embedding),
                matrix(used, prefix + "ffn_down.weight", embedding, feedForward),
                matrix(used, prefix + "ffn_up.weight", feedForward, embedding));
    }

    private GgufTensor norm(Set<String> used, String name, long length) {
        GgufTensor tensor = shaped(used, name, length);
        if (!isPlain(tensor.type())) {
            List<TensorType> plain = Arrays.stream(TensorType.values())
                    .filter(GgufLlama::isPlain)
                    .toList();
            throw expected("tensor " + name, plain, tensor.type());
        }
        return tensor;
    }

    private static boolean isPlain(TensorType type) {
        return type.format() instanceof PlainFormat;
    }

    private GgufTensor matrix(Set<String> used, String name, long rows, long columns) {
        return shaped(used, name, columns, rows);
    }

    /** @param shape in GGUF order, row length first */
    private GgufTensor shaped(Set<String> used, String name, long... shape) {
        GgufTensor tensor = tensor(name, Arrays.toString(shape));
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw expected("tensor " + name, Arrays.toString(shape), Arrays.toString(tensor.shape()));
        }
        used.add(name);
        return tensor;
    }

    private GgufTensor tensor(String name, String expected) {
        return file.tensor(name).orElseThrow(() -> expected("tensor " + name, expected, "no such tensor"));
    }

    private int required(String key, int max) {
        long value = metadata.integer(key).orElseThrow(() -> expected("key " + key, "an integer", "no such key"));
        if (value < 1 || value > max) {
            throw expected("key " + key, "1 to " + max, value);
        }
        return (int) value;
    }

    private int optional(String key, int max, int absent) {
        return metadata.integer(key).isPresent() ? required(key, max) : absent;
    }

    private float positive(String key, float absent) {
        if (metadata.number(key).isEmpty()) {
            return absent;
        }
        float value = metadata.number(key).get();
        if (!(value > 0) || !Float.isFinite(value)) {
            throw expected("key " + key, "a positive number", value);
        }
        return value;
    }

    private ModelFormatException expected(String thing, Object expected, Object found) {
        return ModelFormatException.expected(file.path(), thing, expected, found);
    }
}
