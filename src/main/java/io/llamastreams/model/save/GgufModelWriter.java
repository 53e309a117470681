package io.llamastreams.model.save;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/**
 * Writes a Llama model as GGUF version 3, with the names that llama.cpp gives to keys and tensors: norms as F32, matrices in
 * one type of choice. Any thread, no state.
 *
 * <p>The file is written as {@code NAME.part} beside its place, forced to the disk and renamed, so that a reader has the old
 * file or the new one, and one that has the old file mapped keeps it. Numbers are encoded piece by piece: beside the weights
 * themselves it takes a megabyte or so. Two writers of the same file at a time are not provided for.
 */
public final class GgufModelWriter {
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;
    /** Says which layout of the quantised blocks is meant. */
    private static final int QUANTIZATION_VERSION = 2;

    /** Numbers that are encoded at a time: whole blocks of every type. */
    private static final int CHUNK = 1 << 16;

    private static final Set<String> OWN_KEYS =
            Set.of("general.architecture", "general.alignment", "general.file_type", "general.quantization_version");

    private final Path file;
    private final TensorType matrixType;
    private final List<LlamaTensorShapes.Checked> tensors;
    private final byte[] chunk;

    private GgufModelWriter(Path file, TensorType matrixType, List<LlamaTensorShapes.Checked> tensors) {
        this.file = file;
        this.matrixType = matrixType;
        this.tensors = tensors;
        chunk = new byte[Math.toIntExact(TensorType.F32.bytes(CHUNK))];
    }

    /**
     * Writes a model; a file that is there is replaced.
     *
     * @param others what else the file is to say: {@code general.name}, the vocabulary, ...
     * @param tensors of the names that llama.cpp gives, in any order; rows of query and key ordered so that RoPE turns the pairs
     *     (2i, 2i + 1) of a head. Without {@code output.weight} the output matrix is the embedding
     * @param matrixType F32, F16, Q8_0 or Q4_0; the last two need columns of a multiple of 32 everywhere
     * @throws IllegalArgumentException naming the tensor or key that does not fit the shape
     * @throws ModelSaveException if a weight is not a finite number of the type, or the file cannot be written
     */
    public static void write(
            Path file, LlamaConfig config, GgufKeys others, List<NamedTensor> tensors, TensorType matrixType) {
        int fileType = fileType(matrixType);
        List<LlamaTensorShapes.Checked> inOrder = LlamaTensorShapes.inOrder(config, tensors);
        checkBlocks(inOrder, matrixType);
        checkKeys(others, config);
        GgufKeys keys = keys(config, fileType).all(others);
        new GgufModelWriter(file, matrixType, inOrder).write(keys);
    }

    /** The numbers of llama.cpp's {@code llama_ftype}. */
    private static int fileType(TensorType matrixType) {
        return switch (matrixType) {
            case F32 -> 0;
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q8_0 -> 7;
            case BF16 ->
                throw new IllegalArgumentException(
                        "type of matrices: expected F32, F16, Q8_0 or Q4_0, found " + matrixType);
        };
    }

    private static void checkBlocks(List<LlamaTensorShapes.Checked> tensors, TensorType matrixType) {
        for (LlamaTensorShapes.Checked checked : tensors) {
            NamedTensor tensor = checked.tensor();
            if (!checked.norm() && tensor.columns() % matrixType.blockElements() != 0) {
                throw new IllegalArgumentException(tensor.thing() + ": expected rows of a multiple of "
                        + matrixType.blockElements() + " for " + matrixType + ", found " + tensor.columns());
            }
        }
    }

    private static void checkKeys(GgufKeys others, LlamaConfig config) {
        for (String key : others.names()) {
            if (OWN_KEYS.contains(key) || key.startsWith("llama.")) {
                throw new IllegalArgumentException(
                        "key " + key + ": expected none of those that the shape decides, found it");
            }
        }
        for (String key : List.of("tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type")) {
            int found = others.elements(key).orElse(config.vocabularySize());
            if (found != config.vocabularySize()) {
                throw new IllegalArgumentException("key " + key + ": expected " + config.vocabularySize()
                        + " tokens as in the embedding, found " + found);
            }
        }
    }

    private static GgufKeys keys(LlamaConfig config, int fileType) {
        GgufKeys keys = new GgufKeys()
                .string("general.architecture", "llama")
                .unsigned("general.alignment", ALIGNMENT)
                .unsigned("general.file_type", fileType)
                .unsigned("general.quantization_version", QUANTIZATION_VERSION)
                .unsigned("llama.vocab_size", config.vocabularySize())
                .unsigned("llama.context_length", config.contextLength())
                .unsigned("llama.embedding_length", config.embeddingLength())
                .unsigned("llama.block_count", config.layers())
                .unsigned("llama.feed_forward_length", config.feedForwardLength())
                .unsigned("llama.attention.head_count", config.heads())
                .unsigned("llama.attention.head_count_kv", config.kvHeads())
                .number("llama.attention.layer_norm_rms_epsilon", config.rmsEpsilon())
                .unsigned("llama.rope.dimension_count", config.headSize())
                .number("llama.rope.freq_base", config.ropeTheta());
        if (config.queryWidth() != config.embeddingLength()) {
            keys.unsigned("llama.attention.key_length", config.headSize())
                    .unsigned("llama.attention.value_length", config.headSize());
        }
        if (config.ropeScale() != 1) {
            keys.string("llama.rope.scaling.type", "linear").number("llama.rope.scaling.factor", config.ropeScale());
        }
        return keys;
    }

    private void write(GgufKeys keys) {
        Path target = file.toAbsolutePath();
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            writeAndRename(keys, part, target);
        } catch (IOException e) {
            delete(part, e);
            throw new ModelSaveException(file, "cannot be written: " + e, e);
        } catch (RuntimeException | Error e) {
            delete(part, e);
            throw e;
        }
    }

    private void writeAndRename(GgufKeys keys, Path part, Path target) throws IOException {
        try (FileChannel out = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(out, ByteBuffer.wrap(header(keys)));
            for (LlamaTensorShapes.Checked checked : tensors) {
                writeTensor(out, checked.tensor(), type(checked));
                pad(out);
            }
            out.force(true);
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(target.getParent());
    }

    /** Everything before the tensors' data, with its padding. */
    private byte[] header(GgufKeys keys) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(GgufKeys.little(Integer.BYTES + 2 * Long.BYTES)
                .putInt(VERSION)
                .putLong(tensors.size())
                .putLong(keys.names().size())
                .array());
        keys.writeTo(out);
        long offset = 0;
        for (LlamaTensorShapes.Checked checked : tensors) {
            NamedTensor tensor = checked.tensor();
            int dimensions = checked.norm() ? 1 : 2;
            ByteBuffer entry = GgufKeys.little(Integer.BYTES * 2 + Long.BYTES * (dimensions + 1));
            entry.putInt(dimensions).putLong(tensor.columns());
            if (!checked.norm()) {
                entry.putLong(tensor.rows());
            }
            entry.putInt(type(checked).ggmlId()).putLong(offset);
            out.writeBytes(GgufKeys.stringBytes(tensor.name()));
            out.writeBytes(entry.array());
            offset = alignUp(offset + type(checked).bytes(tensor.elements()));
        }
        out.writeBytes(new byte[(int) (alignUp(out.size()) - out.size())]);
        return out.toByteArray();
    }

    private TensorType type(LlamaTensorShapes.Checked checked) {
        return checked.norm() ? TensorType.F32 : matrixType;
    }

    private void writeTensor(FileChannel out, NamedTensor tensor, TensorType type) throws IOException {
        int elements = tensor.elements();
        MemorySegment encoded = MemorySegment.ofArray(chunk);
        float limit = type.format().limit();
        for (int done = 0; done < elements; done += CHUNK) {
            int count = Math.min(CHUNK, elements - done);
            checkNumbers(tensor, done, count, type, limit);
            BlockFormats.encode(type, tensor.data(), tensor.offset() + done, count, encoded, 0);
            writeFully(out, ByteBuffer.wrap(chunk, 0, Math.toIntExact(type.bytes(count))));
        }
    }

    private void checkNumbers(NamedTensor tensor, int from, int count, TensorType type, float limit) {
        for (int i = from; i < from + count; i++) {
            float value = tensor.data()[tensor.offset() + i];
            if (!(Math.abs(value) < limit)) {
                throw new ModelSaveException(
                        file,
                        tensor.thing() + ": expected numbers that are finite as " + type + ", found " + value
                                + " in row " + i / tensor.columns() + ", column " + i % tensor.columns());
            }
        }
    }

    private static void pad(FileChannel out) throws IOException {
        long position = out.position();
        writeFully(out, ByteBuffer.allocate((int) (alignUp(position) - position)));
    }

    private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static long alignUp(long position) {
        return (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Makes the new name last. Not every system opens folders; there the rename is as lasting as it is by itself. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            return;
        }
    }

    private static void delete(Path part, Throwable cause) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
