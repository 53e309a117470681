package io.llamastreams.model.load;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.quant.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What there is to say about a model before it runs: shape, tensors, memory. Plain values that outlive the file's arena.
 *
 * @param path the file
 * @param format the file format with its version, e.g. {@code GGUF 3}
 * @param name the model's own name for itself, if it has one
 * @param config shape
 * @param tiedOutput the embedding is the output matrix as well
 * @param parameters numbers in all tensors
 * @param weightBytes bytes of all tensors, without header and padding
 * @param weightBytesPerToken bytes of weights that computing one token alone reads: everything, but one row of an
 *     embedding that is not the output matrix as well
 * @param types totals by number format, in {@link TensorType} order, only those that occur
 * @param tensors in the file's order
 */
public record ModelDescription(
        Path path,
        String format,
        Optional<String> name,
        LlamaConfig config,
        boolean tiedOutput,
        long parameters,
        long weightBytes,
        long weightBytesPerToken,
        List<TypeTotal> types,
        List<TensorSummary> tensors) {

    public ModelDescription {
        types = List.copyOf(types);
        tensors = List.copyOf(tensors);
    }

    /** All tensors of one format together. */
    public record TypeTotal(TensorType type, int tensors, long parameters, long bytes) {

        private TypeTotal plus(GgufTensor tensor) {
            return new TypeTotal(
                    type,
                    tensors + 1,
                    parameters + tensor.elements(),
                    bytes + tensor.data().byteSize());
        }
    }

    /**
     * One tensor.
     *
     * @param shape in GGUF order, the length of a row first
     */
    public record TensorSummary(String name, TensorType type, List<Long> shape, long bytes) {

        public TensorSummary {
            shape = List.copyOf(shape);
        }
    }

    /**
     * Describes a model after checking it in full.
     *
     * @throws ModelFormatException as {@link GgufLlama} does
     */
    public static ModelDescription of(GgufFile file) {
        LlamaConfig config = GgufLlama.config(file);
        LlamaTensors roles = GgufLlama.tensors(file, config);
        Map<TensorType, TypeTotal> totals = new EnumMap<>(TensorType.class);
        List<TensorSummary> tensors = new ArrayList<>();
        for (GgufTensor tensor : file.tensors()) {
            TypeTotal before = totals.getOrDefault(tensor.type(), new TypeTotal(tensor.type(), 0, 0, 0));
            totals.put(tensor.type(), before.plus(tensor));
            tensors.add(summary(tensor));
        }
        long parameters =
                totals.values().stream().mapToLong(TypeTotal::parameters).sum();
        long bytes = totals.values().stream().mapToLong(TypeTotal::bytes).sum();
        return new ModelDescription(
                file.path(),
                "GGUF " + file.version(),
                file.metadata().string("general.name"),
                config,
                roles.tiedOutput(),
                parameters,
                bytes,
                bytes - unreadEmbeddingBytes(roles),
                List.copyOf(totals.values()),
                tensors);
    }

    /** Bytes that a position of one sequence takes in the KV cache, keys and values of all layers. */
    public long kvBytesPerToken(int bytesPerNumber) {
        return 2L * config.layers() * config.kvWidth() * bytesPerNumber;
    }

    /** Positions that a KV cache of so many bytes holds, before it is cut into blocks. */
    public long kvTokens(long kvCacheBytes, int bytesPerNumber) {
        return kvCacheBytes / kvBytesPerToken(bytesPerNumber);
    }

    /** Sequences of full context length that a KV cache of so many bytes holds. */
    public long fullSequences(long kvCacheBytes, int bytesPerNumber) {
        return kvTokens(kvCacheBytes, bytesPerNumber) / config.contextLength();
    }

    private static long unreadEmbeddingBytes(LlamaTensors roles) {
        GgufTensor embedding = roles.tokenEmbedding();
        long bytes = embedding.data().byteSize();
        return roles.tiedOutput() ? 0 : bytes - bytes / embedding.rows();
    }

    private static TensorSummary summary(GgufTensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (long dimension : tensor.shape()) {
            shape.add(dimension);
        }
        return new TensorSummary(
                tensor.name(), tensor.type(), shape, tensor.data().byteSize());
    }
}
