package io.llamastreams.training.vocabulary;

import io.llamastreams.tokenizer.PieceType;
import io.llamastreams.tokenizer.Vocabulary;
import java.util.ArrayList;
import java.util.List;

/**
 * Learns a vocabulary by byte-pair encoding in SentencePiece's manner, of the kind that Llama 2 has: any thread, no state.
 *
 * <pre>
 *   id     0 unknown | 1 begin | 2 end | 3 ... 258 bytes | merges, first found first | characters, most frequent first
 *   score  0         | 0       | 0     | 0               | 0, -1, -2, ...            | going on downwards
 * </pre>
 *
 * <p>Text is taken as it is, except that each of its lines counts as a text of its own, with a space in front. Which texts may
 * be pieces says {@link PieceRules}, which pair is merged next says {@link MergeLearner}. Since scores fall in the order of the
 * merges, {@link io.llamastreams.tokenizer.Tokenizer} repeats them in that order.
 *
 * <p>The pieces and their order are those of SentencePiece 0.1.99 and later, {@code spm_train --model_type=bpe
 * --byte_fallback=true --split_digits=true --normalization_rule_name=identity --remove_extra_whitespaces=false}, but for three
 * cases: that program looks at only the most frequent twentieth of the pairs, at least 1000, which it renews after each hundred
 * merges, and so may miss the best one where very many are equally rare; it leaves out lines that hold U+2585 or are longer than
 * a limit; and its table of scripts is older. Versions before 0.1.99 count overlapping pairs once.
 */
public final class BpeTrainer {
    private static final int SPECIALS = 3;
    private static final int BYTES = 256;

    private BpeTrainer() {}

    /** With {@link VocabularySettings#ofSize}. */
    public static Vocabulary train(Iterable<String> texts, int size) {
        return train(texts, VocabularySettings.ofSize(size));
    }

    /**
     * Learns from texts, of which the words alone are kept in memory, each once.
     *
     * @param texts gone through once
     * @throws VocabularyException if they have too many different characters for the vocabulary's size, or too few pairs
     */
    public static Vocabulary train(Iterable<String> texts, VocabularySettings settings) {
        WordCounts counts = new WordCounts(settings.spacePieces());
        texts.forEach(counts::add);
        List<WordCounts.Counted> alphabet = counts.alphabet(settings.characterCoverage());
        if (alphabet.isEmpty()) {
            throw new VocabularyException("texts", "at least one character", "none");
        }
        int fewest = SPECIALS + BYTES + alphabet.size();
        if (settings.size() < fewest) {
            throw new VocabularyException(
                    "vocabulary size",
                    "at least " + fewest + ", for " + SPECIALS + " specials, " + BYTES + " bytes and " + alphabet.size()
                            + " characters",
                    settings.size());
        }
        PieceRules rules = new PieceRules(settings.maxPieceLength(), settings.spacePieces());
        MergeLearner learner = new MergeLearner(counts.words(), alphabet, rules);
        int wanted = settings.size() - fewest;
        List<String> merges = learner.learn(wanted);
        if (merges.size() < wanted) {
            throw new VocabularyException(
                    "vocabulary size",
                    "at most " + (fewest + merges.size()) + ", as many as these texts give",
                    settings.size());
        }
        return vocabulary(merges, alphabet);
    }

    private static Vocabulary vocabulary(List<String> merges, List<WordCounts.Counted> alphabet) {
        List<Vocabulary.Piece> pieces = new ArrayList<>();
        pieces.add(new Vocabulary.Piece("<unk>", 0, PieceType.UNKNOWN));
        pieces.add(new Vocabulary.Piece("<s>", 0, PieceType.CONTROL));
        pieces.add(new Vocabulary.Piece("</s>", 0, PieceType.CONTROL));
        for (int value = 0; value < BYTES; value++) {
            pieces.add(new Vocabulary.Piece(String.format("<0x%02X>", value), 0, PieceType.BYTE));
        }
        merges.forEach(merge -> addNormal(pieces, merge));
        alphabet.forEach(character -> addNormal(pieces, character.text()));
        return new Vocabulary(pieces, 1, 2, 0, true, true, true, Vocabulary.DEFAULT_UNKNOWN_SURFACE);
    }

    private static void addNormal(List<Vocabulary.Piece> pieces, String text) {
        pieces.add(new Vocabulary.Piece(text, SPECIALS + BYTES - pieces.size(), PieceType.NORMAL));
    }
}
