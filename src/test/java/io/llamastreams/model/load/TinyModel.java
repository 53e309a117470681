package io.llamastreams.model.load;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.tokenizer.Vocabulary;
import io.llamastreams.training.vocabulary.SentencePieceModelWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The small trained model that the repository carries, and what llama.cpp makes of it: {@code src/test/resources/tiny},
 * whose README says how they were made. The file there has halves; the other formats are made of it here when they are
 * asked for, with the types that llama.cpp's quantiser chooses.
 */
public final class TinyModel {
    private static final Path FOLDER = Path.of("target", "tiny-model").toAbsolutePath();
    private static final Map<String, Path> FILES = new ConcurrentHashMap<>();

    private TinyModel() {}

    /** In whole floats, the form that most tests want. */
    public static Path f32() {
        return file("f32");
    }

    /** @param format f32, f16, q8_0 or q4_0 */
    public static Path file(String format) {
        return FILES.computeIfAbsent(format, TinyModel::make);
    }

    /** Its vocabulary alone, in SentencePiece's form. */
    public static Path tokenizer() {
        return FILES.computeIfAbsent("tokenizer", name -> makeTokenizer());
    }

    /** @param kind bytes, greedy, logits, nll or tokens */
    public static Path golden(String kind) {
        return resource("tiny-" + kind + ".json");
    }

    /** A file of the folder as it lies among the resources. */
    public static Path resource(String name) {
        URL url = TinyModel.class.getResource("/tiny/" + name);
        if (url == null) {
            throw new IllegalStateException("test resource tiny/" + name + ": expected it in the build, found none");
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path make(String format) {
        Path source = resource("tiny-f16.gguf");
        if (format.equals("f16")) {
            return source;
        }
        TensorType type = TensorType.valueOf(format.toUpperCase(Locale.ROOT));
        return place("tiny-" + format + ".gguf", part -> write(source, type, part));
    }

    private static Path makeTokenizer() {
        Vocabulary vocabulary = TestVocabulary.of(resource("tiny-f16.gguf")).toVocabulary();
        return place("tokenizer.model", part -> Files.write(part, SentencePieceModelWriter.bytes(vocabulary)));
    }

    @FunctionalInterface
    private interface Content {
        void writeTo(Path file) throws IOException;
    }

    /** Puts it there whole or not at all: another process may read the same name meanwhile. */
    private static Path place(String name, Content content) {
        Path part = FOLDER.resolve(name + ".part-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(FOLDER);
            content.writeTo(part);
            return Files.move(part, FOLDER.resolve(name), ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path source, TensorType type, Path target) {
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(source, arena);
            LlamaConfig config = GgufLlama.config(file);
            RandomModel keys = RandomModel.of(config).vocabulary(TestVocabulary.of(source));
            GgufWriter writer = new GgufWriter();
            keys.putKeys(writer);
            writer.string("general.name", file.metadata().string("general.name").orElseThrow());
            for (GgufTensor tensor : file.tensors()) {
                TensorType own = typeOf(tensor, type);
                float[] values = tensor.toFloats();
                byte[] bytes = new byte[Math.toIntExact(own.bytes(values.length))];
                BlockFormats.encode(own, values, 0, values.length, MemorySegment.ofArray(bytes), 0);
                writer.tensor(
                        tensor.name(), own, tensor.shape(), out -> GgufWriter.writeFully(out, ByteBuffer.wrap(bytes)));
            }
            writer.write(target);
        }
    }

    /** As llama.cpp chooses: norms stay floats, rows that are no whole blocks halves, and the output matrix is finer. */
    private static TensorType typeOf(GgufTensor tensor, TensorType type) {
        if (tensor.shape().length == 1) {
            return TensorType.F32;
        }
        if (tensor.columns() % type.blockElements() != 0) {
            return TensorType.F16;
        }
        return type == TensorType.Q4_0 && tensor.name().equals("token_embd.weight") ? TensorType.Q8_0 : type;
    }

    /** Writes all formats, for llama.cpp to read, and prints their names. */
    public static void main(String[] args) {
        for (String format : new String[] {"f32", "f16", "q8_0", "q4_0"}) {
            System.out.println(file(format));
        }
    }
}
