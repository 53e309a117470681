package io.llamastreams.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Reads a {@code tokenizer.model} of SentencePiece, as Llama 2 is delivered with. Source: sentencepiece_model.proto of that
 * library; only what decides about ids and texts is read. Any thread.
 */
public final class SentencePieceModel {
    /** No vocabulary is near that; keeps a wrong file from filling the memory. */
    private static final long MAX_FILE_BYTES = 64L << 20;

    private static final int MODEL_TYPE_UNIGRAM = 1;
    private static final int MODEL_TYPE_BPE = 2;

    // Values that count where the file says nothing, from the proto's defaults.
    private final List<Vocabulary.Piece> pieces = new ArrayList<>();
    private boolean trainerSpecSeen;
    private long modelType = MODEL_TYPE_UNIGRAM;
    private boolean byteFallback;
    private boolean whitespaceAsSuffix;
    private String bosPiece = "<s>";
    private String eosPiece = "</s>";
    private String unknownSurface = Vocabulary.DEFAULT_UNKNOWN_SURFACE;
    private boolean normalizerSpecSeen;
    private String normalizerName = "";
    private int charsMapBytes;
    private boolean addDummyPrefix = true;
    private boolean removeExtraWhitespaces = true;
    private boolean escapeWhitespaces = true;
    private int denormalizerBytes;

    private SentencePieceModel() {}

    /**
     * The vocabulary in a file.
     *
     * @throws TokenizerFormatException if the file cannot be read, is damaged, or asks for something other than byte-pair
     *     encoding with the identity as normaliser
     */
    public static Vocabulary read(Path file) {
        byte[] bytes;
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new TokenizerFormatException(file.toString(), "expected a file, found a folder, device or pipe");
        }
        try {
            long size = Files.size(file);
            if (size > MAX_FILE_BYTES) {
                throw new TokenizerFormatException(
                        file.toString(), "size: expected at most " + MAX_FILE_BYTES + " bytes, found " + size);
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new TokenizerFormatException(file.toString(), "no such file or folder", e);
        } catch (IOException e) {
            throw new TokenizerFormatException(file.toString(), "expected a readable file, found " + e, e);
        }
        return parse(bytes, file.toString());
    }

    static Vocabulary parse(byte[] bytes, String file) {
        try {
            SentencePieceModel model = new SentencePieceModel();
            model.readModel(new ProtobufReader(bytes, "model"));
            return model.toVocabulary();
        } catch (IllegalArgumentException e) {
            throw new TokenizerFormatException(file, e.getMessage(), e);
        }
    }

    private void readModel(ProtobufReader model) {
        while (model.nextField()) {
            switch (model.field()) {
                case 1 -> pieces.add(readPiece(model.message("piece " + pieces.size())));
                case 2 -> readTrainerSpec(model.message("trainer_spec"));
                case 3 -> readNormalizerSpec(model.message("normalizer_spec"));
                case 5 -> denormalizerBytes = readCharsMapBytes(model.message("denormalizer_spec"));
                default -> model.skip();
            }
        }
    }

    private static Vocabulary.Piece readPiece(ProtobufReader message) {
        String text = "";
        float score = 0;
        PieceType type = PieceType.NORMAL;
        while (message.nextField()) {
            switch (message.field()) {
                case 1 -> text = message.string();
                case 2 -> score = message.float32();
                case 3 -> type = PieceType.ofId(message.integer());
                default -> message.skip();
            }
        }
        return new Vocabulary.Piece(text, score, type);
    }

    private void readTrainerSpec(ProtobufReader message) {
        trainerSpecSeen = true;
        while (message.nextField()) {
            switch (message.field()) {
                case 3 -> modelType = message.integer();
                case 24 -> whitespaceAsSuffix = message.bool();
                case 35 -> byteFallback = message.bool();
                case 44 -> unknownSurface = message.string();
                case 46 -> bosPiece = message.string();
                case 47 -> eosPiece = message.string();
                default -> message.skip();
            }
        }
    }

    private void readNormalizerSpec(ProtobufReader message) {
        normalizerSpecSeen = true;
        while (message.nextField()) {
            switch (message.field()) {
                case 1 -> normalizerName = message.string();
                case 2 -> charsMapBytes = message.byteCount();
                case 3 -> addDummyPrefix = message.bool();
                case 4 -> removeExtraWhitespaces = message.bool();
                case 5 -> escapeWhitespaces = message.bool();
                default -> message.skip();
            }
        }
    }

    private static int readCharsMapBytes(ProtobufReader message) {
        int bytes = 0;
        while (message.nextField()) {
            if (message.field() == 2) {
                bytes = message.byteCount();
            } else {
                message.skip();
            }
        }
        return bytes;
    }

    private Vocabulary toVocabulary() {
        expect(!pieces.isEmpty(), "pieces", "at least one", "none");
        expect(trainerSpecSeen, "trainer_spec", "one", "none");
        expect(normalizerSpecSeen, "normalizer_spec", "one", "none");
        expect(modelType == MODEL_TYPE_BPE, "trainer_spec: model type", "2 (BPE)", Long.toString(modelType));
        expect(!whitespaceAsSuffix, "trainer_spec: treat_whitespace_as_suffix", "false", "true");
        String normalizer =
                "\"" + Vocabulary.printable(normalizerName) + "\" with a map of " + charsMapBytes + " bytes";
        expect(charsMapBytes == 0, "normalizer_spec: normaliser", "identity", normalizer);
        expect(!removeExtraWhitespaces, "normalizer_spec: remove_extra_whitespaces", "false", "true");
        expect(denormalizerBytes == 0, "denormalizer_spec: map", "none", denormalizerBytes + " bytes");
        Vocabulary vocabulary = new Vocabulary(
                pieces,
                controlId("BOS", bosPiece),
                controlId("EOS", eosPiece),
                unknownId(),
                addDummyPrefix,
                true,
                escapeWhitespaces,
                unknownSurface);
        expect(
                vocabulary.hasByteFallback() == byteFallback,
                "trainer_spec: byte_fallback",
                Boolean.toString(vocabulary.hasByteFallback()) + " as the pieces have it",
                Boolean.toString(byteFallback));
        return vocabulary;
    }

    private int controlId(String role, String text) {
        return firstId(
                piece -> piece.type() == PieceType.CONTROL && piece.text().equals(text),
                role + " piece \"" + Vocabulary.printable(text) + "\": expected a control piece");
    }

    private int unknownId() {
        return firstId(piece -> piece.type() == PieceType.UNKNOWN, "unknown piece: expected one");
    }

    private int firstId(Predicate<Vocabulary.Piece> condition, String expectation) {
        return IntStream.range(0, pieces.size())
                .filter(id -> condition.test(pieces.get(id)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(expectation + ", found none"));
    }

    private static void expect(boolean holds, String what, String expected, String found) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": expected " + expected + ", found " + found);
        }
    }
}
