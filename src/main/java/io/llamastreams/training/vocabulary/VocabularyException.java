package io.llamastreams.training.vocabulary;

/**
 * Texts do not give the vocabulary that was asked for. The message is one line: what, what was expected, what was found. Ask
 * for another size, or bring more text.
 */
public final class VocabularyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    VocabularyException(String what, Object expected, Object found) {
        super(what + ": expected " + expected + ", found " + found);
    }
}
