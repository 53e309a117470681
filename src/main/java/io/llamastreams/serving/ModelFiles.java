package io.llamastreams.serving;

import io.llamastreams.model.load.GgufFile;
import io.llamastreams.model.load.GgufMetadata;
import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.tokenizer.PieceType;
import io.llamastreams.tokenizer.SentencePieceModel;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.TokenizerFormatException;
import io.llamastreams.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the vocabulary of a model: in its GGUF file, or in {@code tokenizer.model} beside it where the file has none. Any
 * thread. Keys as llama.cpp's converters write them.
 *
 * <p>All methods throw {@link ModelFormatException} or {@link TokenizerFormatException} if a file is missing or damaged.
 */
public final class ModelFiles {
    private static final String TOKENIZER_FILE = "tokenizer.model";
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int UNKNOWN_ID = 0;
    private static final int BOS_ID = 1;
    private static final int EOS_ID = 2;

    private ModelFiles() {}

    /**
     * The tokenizer alone, without the weights.
     *
     * @param path a GGUF file, a {@code tokenizer.model}, or a folder with one of them
     */
    public static Tokenizer readTokenizer(Path path) {
        if (Files.isDirectory(path) && Files.exists(path.resolve(TOKENIZER_FILE)) && !hasModel(path)) {
            return readTokenizer(path.resolve(TOKENIZER_FILE));
        }
        if (path.toString().endsWith(".model")) {
            return new Tokenizer(SentencePieceModel.read(path));
        }
        Path file = ModelLoader.find(path);
        return new Tokenizer(vocabulary(file, GgufFile.readMetadata(file)));
    }

    /**
     * The tokenizer of a model that is loaded.
     *
     * @param file where the model was read from
     * @param vocabularySize tokens that the model knows
     */
    static Tokenizer tokenizer(Path file, GgufMetadata metadata, int vocabularySize) {
        Vocabulary vocabulary = vocabulary(file, metadata);
        if (vocabulary.size() != vocabularySize) {
            throw ModelFormatException.expected(
                    file, "vocabulary", vocabularySize + " tokens as in the weights", vocabulary.size());
        }
        return new Tokenizer(vocabulary);
    }

    private static Vocabulary vocabulary(Path file, GgufMetadata metadata) {
        Optional<String> kind = metadata.string(PREFIX + "model");
        if (kind.isEmpty() && !metadata.keys().contains(PREFIX + "tokens")
                || kind.equals(Optional.of("none"))
                || kind.equals(Optional.of("no_vocab"))) {
            return vocabularyBeside(file);
        }
        if (!kind.equals(Optional.of("llama"))) {
            throw expected(
                    file,
                    "model",
                    "llama",
                    kind.map(ModelFormatException::quote).orElse("no such key"));
        }
        return vocabularyInside(file, metadata);
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
            return files.anyMatch(file -> file.getFileName().toString().endsWith(".gguf"));
        } catch (IOException e) {
            throw new ModelFormatException(folder, "cannot be listed: " + ModelFormatException.quote(e.toString()), e);
        }
    }
}
