package io.llamastreams.training.vocabulary;

import java.lang.Character.UnicodeScript;

/**
 * Which texts may be pieces, by the rules that SentencePiece has for Llama 2. Immutable, any thread.
 *
 * <ul>
 *   <li>A space stands at the start alone; or, where that is wanted, the piece is nothing but spaces.
 *   <li>A decimal digit, plain or full width, is a piece of its own.
 *   <li>All characters are of one script. Digits and punctuation are the script COMMON, so no letter stands beside them;
 *       kana count as Han; a combining mark takes the script before it.
 * </ul>
 *
 * <p>Scripts are those of the JDK's Unicode version, characters not assigned in it count as COMMON; SentencePiece has a table
 * of an older version, so that the two may differ in characters that were added since.
 */
final class PieceRules {
    static final char SPACE = '\u2581';

    private static final int LONG_VOWEL_MARK = 0x30FC;

    private final int maxLength;
    private final boolean spacePieces;

    PieceRules(int maxLength, boolean spacePieces) {
        this.maxLength = maxLength;
        this.spacePieces = spacePieces;
    }

    /** @param text at least one character, none of them a separator */
    boolean allow(String text) {
        int length = text.codePointCount(0, text.length());
        if (length > maxLength) {
            return false;
        }
        boolean spacesAlone = spacePieces && text.chars().allMatch(c -> c == SPACE);
        UnicodeScript before = null;
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            int character = text.codePointAt(at);
            if (character == SPACE) {
                if (at > 0 && !spacesAlone) {
                    return false;
                }
                continue;
            }
            if (isDigit(character) && length > 1) {
                return false;
            }
            UnicodeScript script = script(character, before);
            if (before != null && script != before) {
                return false;
            }
            before = script;
        }
        return true;
    }

    private static boolean isDigit(int character) {
        return character >= '0' && character <= '9' || character >= '\uFF10' && character <= '\uFF19';
    }

    private static UnicodeScript script(int character, UnicodeScript before) {
        if (character == LONG_VOWEL_MARK) {
            return UnicodeScript.HAN;
        }
        UnicodeScript script = UnicodeScript.of(character);
        return switch (script) {
            case HIRAGANA, KATAKANA -> UnicodeScript.HAN;
            case INHERITED -> before;
            case UNKNOWN -> UnicodeScript.COMMON;
            default -> script;
        };
    }
}
