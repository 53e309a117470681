package io.llamastreams.serving.session;

import io.llamastreams.model.load.GgufMetadata;
import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.tokenizer.PieceType;
import io.llamastreams.tokenizer.SentencePieceModel;
import io.llamastreams.tokenizer.Vocabulary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The vocabulary that a model comes with: inside its GGUF file, under the keys that llama.cpp's converters write, or as
 * {@code tokenizer.model} beside the file where it has none. Any thread.
 *
 * <p>All methods throw {@link ModelFormatException}, or {@link io.llamastreams.tokenizer.TokenizerFormatException} about a
 * {@code tokenizer.model}, if a file is missing, damaged or of a kind that is not known.
 */
public final class ModelVocabulary {
    private static final String MAGIC = "GGUF";
    private static final String MODEL_ENDING = ".gguf";
    private static final String TOKENIZER_FILE = "tokenizer.model";
    private static final String PREFIX = "tokenizer.ggml.";
    private static final Set<String> KINDS_OF_NONE = Set.of("none", "no_vocab");

    // What Llama's vocabulary has where the file does not say.
    private static final int UNKNOWN_ID = 0;
    private static final int BOS_ID = 1;
    private static final int EOS_ID = 2;

    private ModelVocabulary() {}

    /**
     * The vocabulary that a path names, without loading any weights.
     *
     * @param path a GGUF file, a {@code tokenizer.model}, or a folder with one GGUF file or a {@code tokenizer.model}
     */
    public static Vocabulary read(Path path) {
        if (Files.isDirectory(path)) {
            Path bare = path.resolve(TOKENIZER_FILE);
            return Files.exists(bare) && !hasModel(path) ? SentencePieceModel.read(bare) : ofModel(path);
        }
        return isModel(path) ? ofModel(path) : SentencePieceModel.read(path);
    }

    /**
     * The vocabulary of a model that is loaded.
     *
     * @param file where the metadata was read from, for messages and for the place beside it
     */
    public static Vocabulary of(GgufMetadata metadata, Path file) {
        Optional<String> kind = metadata.string(PREFIX + "model");
        boolean hasTokens = metadata.keys().contains(PREFIX + "tokens");
        if (kind.isEmpty() ? !hasTokens : KINDS_OF_NONE.contains(kind.get())) {
            return vocabularyBeside(file);
        }
        if (!kind.equals(Optional.of("llama"))) {
            throw expected(
                    file,
                    "model",
                    "llama, a vocabulary of SentencePiece",
                    kind.map(ModelFormatException::quote).orElse("no such key"));
        }
        return vocabularyInside(file, metadata);
    }

    /** As {@link #of(GgufMetadata, Path)}, which must have as many tokens as the model's weights. */
    static Vocabulary of(GgufMetadata metadata, Path file, int size) {
        Vocabulary vocabulary = of(metadata, file);
        if (vocabulary.size() != size) {
            throw ModelFormatException.expected(
                    file, "vocabulary", size + " tokens as in the weights", vocabulary.size());
        }
        return vocabulary;
    }

    private static Vocabulary ofModel(Path path) {
        return ModelLoader.look(path, file -> of(file.metadata(), file.path()));
    }

    /** By its name or by its first bytes. */
    private static boolean isModel(Path file) {
        if (file.toString().endsWith(MODEL_ENDING)) {
            return true;
        }
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream start = Files.newInputStream(file)) {
            return new String(start.readNBytes(MAGIC.length()), StandardCharsets.ISO_8859_1).equals(MAGIC);
        } catch (IOException e) {
            throw new ModelFormatException(file, "cannot be read: " + ModelFormatException.quote(e.toString()), e);
        }
    }

    private static Vocabulary vocabularyBeside(Path file) {
        Path beside = file.resolveSibling(TOKENIZER_FILE);
        if (!Files.exists(beside)) {
            throw ModelFormatException.expected(
                    file, "vocabulary", "one in the file or " + TOKENIZER_FILE + " beside it", "neither");
        }
        return SentencePieceModel.read(beside);
    }

    private static Vocabulary vocabularyInside(Path file, GgufMetadata metadata) {
        if (metadata.keys().contains(PREFIX + "precompiled_charsmap")) {
            throw expected(file, "precompiled_charsmap", "no such key: text is taken as it is", "one");
        }
        if (metadata.bool(PREFIX + "remove_extra_whitespaces").orElse(false)) {
            throw expected(file, "remove_extra_whitespaces", "false", "true");
        }
        String[] texts = metadata.strings(PREFIX + "tokens").orElseThrow(() -> missing(file, "tokens"));
        float[] scores = metadata.floats(PREFIX + "scores").orElseThrow(() -> missing(file, "scores"));
        int bosId = id(file, metadata, "bos_token_id", BOS_ID, texts.length);
        int eosId = id(file, metadata, "eos_token_id", EOS_ID, texts.length);
        int unknownId = id(file, metadata, "unknown_token_id", UNKNOWN_ID, texts.length);
        int[] types = metadata.integers(PREFIX + "token_type").orElseGet(() -> typesByName(texts));
        if (types.length != texts.length) {
            throw expected(file, "token_type", texts.length + " numbers, one for each token", types.length);
        }
        // Converters that read Hugging Face's list of added tokens lose what these three are.
        types[bosId] = PieceType.CONTROL.id();
        types[eosId] = PieceType.CONTROL.id();
        types[unknownId] = PieceType.UNKNOWN.id();
        mendTexts(texts, types);
        try {
            return Vocabulary.of(
                    texts,
                    scores,
                    types,
                    bosId,
                    eosId,
                    unknownId,
                    metadata.bool(PREFIX + "add_space_prefix").orElse(true),
                    metadata.bool(PREFIX + "add_bos_token").orElse(true));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file, "vocabulary: " + e.getMessage(), e);
        }
    }

    /** Tokens without text are structure; user-defined ones may have been written with plain spaces. */
    private static void mendTexts(String[] texts, int[] types) {
        for (int id = 0; id < texts.length; id++) {
            if (texts[id].isEmpty()) {
                texts[id] = "[EMPTY_" + id + "]";
                types[id] = PieceType.CONTROL.id();
            } else if (types[id] == PieceType.USER_DEFINED.id()) {
                texts[id] = texts[id].replace(' ', '\u2581');
            }
        }
    }

    private static int[] typesByName(String[] texts) {
        int[] types = new int[texts.length];
        for (int id = 0; id < texts.length; id++) {
            boolean namesByte = texts[id].matches("<0x[0-9A-F]{2}>");
            types[id] = (namesByte ? PieceType.BYTE : PieceType.NORMAL).id();
        }
        return types;
    }

    private static int id(Path file, GgufMetadata metadata, String key, int absent, int size) {
        long id = metadata.integer(PREFIX + key).orElse(absent);
        if (id < 0 || id >= size) {
            throw expected(file, key, "0 to " + (size - 1), id);
        }
        return (int) id;
    }

    private static ModelFormatException missing(Path file, String key) {
        return expected(file, key, "it in the file", "no such key");
    }

    private static ModelFormatException expected(Path file, String key, Object expected, Object found) {
        return ModelFormatException.expected(file, "key " + PREFIX + key, expected, found);
    }

    private static boolean hasModel(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().endsWith(MODEL_ENDING));
        } catch (IOException e) {
            throw new ModelFormatException(folder, "cannot be listed: " + ModelFormatException.quote(e.toString()), e);
        }
    }
}
