package io.llamastreams.tokenizer;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import io.llamastreams.training.vocabulary.SentencePieceModelWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A vocabulary of Llama 2's size and kind, made from a seed: 32,000 pieces, the unknown one, BOS, EOS, all bytes, characters
 * of many scripts, runs of spaces, and merges of any two earlier pieces that are short enough, which keep within a word. Its
 * pieces are no words, and that is all that it lacks of a real one.
 */
public final class LargeVocabulary {
    public static final int SIZE = 32_000;

    private static final long SEED = 32;
    private static final int BYTES = 256;
    private static final int CONTROLS = 3;
    private static final int LONGEST_RUN_OF_SPACES = 15;
    private static final int LONGEST_PIECE = 8;
    private static final char SPACE = '\u2581';

    /** Most often used first, as a BPE finds them. */
    private static final String CHARACTERS = SPACE + "etaoinsrhldcumfpgwybvkxjqz"
            + "ETAOINSRHLDCUMFPGWYBVKXJQZ0123456789.,-:;!?'\"()[]{}<>/\\=+*_&%$#@~^`|\n\t"
            + "éüäößñçàèêôíáóúœæøåłşğıſΩαβγδεабвгдежзийклмнопрстуф漢字日本語中文人大小한국어العربيةภาษา\u0301\u00A0";

    private LargeVocabulary() {}

    /** Always the same. */
    public static Vocabulary vocabulary() {
        return Made.VOCABULARY;
    }

    /** As a file of SentencePiece's form. */
    public static Path file() {
        return Made.FILE;
    }

    /** Made once a process. */
    private static final class Made {
        static final Vocabulary VOCABULARY = make();
        static final Path FILE = write();

        private static Path write() {
            Path folder = Path.of("target", "large-vocabulary").toAbsolutePath();
            Path part =
                    folder.resolve("tokenizer.model." + ProcessHandle.current().pid());
            try {
                Files.createDirectories(folder);
                Files.write(part, SentencePieceModelWriter.bytes(VOCABULARY));
                return Files.move(part, folder.resolve("tokenizer.model"), ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Vocabulary make() {
        List<Vocabulary.Piece> pieces = new ArrayList<>();
        pieces.add(new Vocabulary.Piece("<unk>", 0, PieceType.UNKNOWN));
        pieces.add(new Vocabulary.Piece("<s>", 0, PieceType.CONTROL));
        pieces.add(new Vocabulary.Piece("</s>", 0, PieceType.CONTROL));
        for (int value = 0; value < BYTES; value++) {
            pieces.add(new Vocabulary.Piece("<0x%02X>".formatted(value), 0, PieceType.BYTE));
        }
        // Characters come last among the ids and never merge anything; merges before them, best first.
        List<String> characters =
                CHARACTERS.codePoints().mapToObj(Character::toString).distinct().toList();
        int merges = SIZE - CONTROLS - BYTES - characters.size();
        int score = 0;
        for (String merge : merges(characters, merges)) {
            pieces.add(new Vocabulary.Piece(merge, score--, PieceType.NORMAL));
        }
        for (String character : characters) {
            pieces.add(new Vocabulary.Piece(character, score--, PieceType.NORMAL));
        }
        return new Vocabulary(pieces, 1, 2, 0, true, true, true, Vocabulary.DEFAULT_UNKNOWN_SURFACE);
    }

    private static List<String> merges(List<String> characters, int count) {
        Set<String> merges = new LinkedHashSet<>();
        for (int length = 2; length <= LONGEST_RUN_OF_SPACES; length++) {
            merges.add(Character.toString(SPACE).repeat(length));
        }
        List<String> parts = new ArrayList<>(characters);
        Random random = new Random(SEED);
        while (merges.size() < count) {
            String first = early(parts, random);
            String second = early(parts, random);
            String merge = first + second;
            boolean withinAWord = merge.lastIndexOf(SPACE) <= 0;
            if (withinAWord && merge.codePointCount(0, merge.length()) <= LONGEST_PIECE && merges.add(merge)) {
                parts.add(merge);
            }
        }
        return List.copyOf(merges);
    }

    /** Any part, early ones much more often. */
    private static String early(List<String> parts, Random random) {
        double share = random.nextDouble();
        return parts.get((int) (share * share * share * parts.size()));
    }
}
