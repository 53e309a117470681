package io.llamastreams.training.vocabulary;

/**
 * What a vocabulary is to be like.
 *
 * @param size pieces in all: three specials, 256 bytes, merges, characters
 * @param characterCoverage share of the texts' characters that get a piece of their own, the frequent ones first; 0.98 to 1.
 *     The others are written as bytes
 * @param maxPieceLength in code points
 * @param spacePieces whether runs of spaces may become pieces, as in Llama 2's own vocabulary, which helps with indented text
 */
public record VocabularySettings(int size, double characterCoverage, int maxPieceLength, boolean spacePieces) {
    private static final double DEFAULT_COVERAGE = 0.9995;
    private static final double LEAST_COVERAGE = 0.98;
    private static final int DEFAULT_PIECE_LENGTH = 16;
    private static final int LONGEST_PIECE_LENGTH = 512;

    public VocabularySettings {
        if (size < 1) {
            throw new IllegalArgumentException("vocabulary size: expected at least 1, found " + size);
        }
        if (!(characterCoverage >= LEAST_COVERAGE && characterCoverage <= 1)) {
            throw new IllegalArgumentException(
                    "character coverage: expected " + LEAST_COVERAGE + " to 1, found " + characterCoverage);
        }
        if (maxPieceLength < 1 || maxPieceLength > LONGEST_PIECE_LENGTH) {
            throw new IllegalArgumentException(
                    "longest piece: expected 1 to " + LONGEST_PIECE_LENGTH + ", found " + maxPieceLength);
        }
    }

    /** SentencePiece's defaults. */
    public static VocabularySettings ofSize(int size) {
        return new VocabularySettings(size, DEFAULT_COVERAGE, DEFAULT_PIECE_LENGTH, false);
    }

    public VocabularySettings withCharacterCoverage(double coverage) {
        return new VocabularySettings(size, coverage, maxPieceLength, spacePieces);
    }

    public VocabularySettings withMaxPieceLength(int length) {
        return new VocabularySettings(size, characterCoverage, length, spacePieces);
    }

    public VocabularySettings withSpacePieces() {
        return new VocabularySettings(size, characterCoverage, maxPieceLength, true);
    }
}
