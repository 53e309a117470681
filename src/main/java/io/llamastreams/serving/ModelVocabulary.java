package io.llamastreams.serving;

import io.llamastreams.model.load.GgufMetadata;
import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.tokenizer.SentencePieceModel;
import io.llamastreams.tokenizer.Vocabulary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The vocabulary that a model comes with: inside its GGUF file, else as {@code tokenizer.model} beside it. Any thread. */
public final class ModelVocabulary {
    private static final String KEYS = "tokenizer.ggml.";
    private static final String SENTENCE_PIECE = "llama";
    private static final String GGUF = "GGUF";
    private static final String FILE_BESIDE = "tokenizer.model";

    // What Llama's vocabulary has where the file does not say.
    private static final int UNKNOWN = 0;
    private static final int BOS = 1;
    private static final int EOS = 2;

    private ModelVocabulary() {}

    /**
     * The vocabulary that a path names, read without loading any weights.
     *
     * @param path a GGUF file, a bare {@code tokenizer.model}, or a folder with one GGUF file or a {@code tokenizer.model}
     * @throws ModelFormatException if there is none or it cannot be used
     * @throws io.llamastreams.tokenizer.TokenizerFormatException if a {@code tokenizer.model} cannot be used
     */
    public static Vocabulary read(Path path) {
        if (Files.isDirectory(path)) {
            Path inFolder = path.resolve(FILE_BESIDE);
            return Files.exists(inFolder) && !hasModel(path) ? SentencePieceModel.read(inFolder) : ofModel(path);
        }
        return isGguf(path) ? ofModel(path) : SentencePieceModel.read(path);
    }

    private static Vocabulary ofModel(Path path) {
        return ModelLoader.look(path, file -> of(file.metadata(), file.path()));
    }

    private static boolean hasModel(Path folder) {
        try (DirectoryStream<Path> models = Files.newDirectoryStream(folder, "*.gguf")) {
            return models.iterator().hasNext();
        } catch (IOException e) {
            throw new ModelFormatException(folder, "cannot be listed: " + e, e);
        }
    }

    private static boolean isGguf(Path file) {
        try (InputStream start = Files.newInputStream(file)) {
            return new String(start.readNBytes(GGUF.length()), StandardCharsets.ISO_8859_1).equals(GGUF);
        } catch (NoSuchFileException e) {
            throw new ModelFormatException(file, "no such file or folder", e);
        } catch (IOException e) {
            throw new ModelFormatException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The vocabulary of a model that is loaded.
     *
     * @param metadata of the model's file
     * @param file the model's file, for messages and for the place beside it
     * @throws ModelFormatException if there is none or it cannot be used
     * @throws io.llamastreams.tokenizer.TokenizerFormatException if the file beside the model cannot be used
     */
    public static Vocabulary of(GgufMetadata metadata, Path file) {
        if (metadata.keys().contains(KEYS + "tokens")) {
            return inside(metadata, file);
        }
        Path beside = file.resolveSibling(FILE_BESIDE);
        if (!Files.exists(beside)) {
            throw ModelFormatException.expected(
                    file,
                    "vocabulary",
                    "key " + KEYS + "tokens or a file " + FILE_BESIDE + " beside the model",
                    "neither");
        }
        return SentencePieceModel.read(beside);
    }

    private static Vocabulary inside(GgufMetadata metadata, Path file) {
        String kind = metadata.string(KEYS + "model").orElse("nothing");
        if (!kind.equals(SENTENCE_PIECE)) {
            throw ModelFormatException.expected(
                    file,
                    "key " + KEYS + "model",
                    SENTENCE_PIECE + ", a vocabulary of SentencePiece",
                    ModelFormatException.quote(kind));
        }
        try {
            return Vocabulary.of(
                    metadata.strings(KEYS + "tokens").orElseThrow(),
                    metadata.floats(KEYS + "scores").orElseThrow(() -> missing(file, "scores")),
                    metadata.integers(KEYS + "token_type").orElseThrow(() -> missing(file, "token_type")),
                    id(metadata.integer(KEYS + "bos_token_id"), BOS),
                    id(metadata.integer(KEYS + "eos_token_id"), EOS),
                    id(metadata.integer(KEYS + "unknown_token_id"), UNKNOWN),
                    metadata.bool(KEYS + "add_space_prefix").orElse(true));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file, "vocabulary: " + e.getMessage(), e);
        }
    }

    private static ModelFormatException missing(Path file, String key) {
        return ModelFormatException.expected(
                file, "key " + KEYS + key, "an array, one element for each token", "no such key");
    }

    /** Numbers that are no ids at all become -1, which no vocabulary has. */
    private static int id(OptionalLong found, int otherwise) {
        long id = found.orElse(otherwise);
        return id == (int) id ? (int) id : -1;
    }
}
