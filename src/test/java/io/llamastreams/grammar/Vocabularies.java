package io.llamastreams.grammar;

import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.tokenizer.LargeVocabulary;
import io.llamastreams.tokenizer.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Vocabularies to make masks for. */
public final class Vocabularies {
    static final int EOS = 2;
    private static final int CONTROL_TOKENS = 3;

    private Vocabularies() {}

    /** A token for each byte, behind three that add nothing. */
    static TokenBytes bytes() {
        return of(List.of());
    }

    /** A token for each byte and these besides. */
    static TokenBytes of(List<String> texts) {
        byte[][] pieces = new byte[CONTROL_TOKENS + 256 + texts.size()][];
        for (int id = 0; id < CONTROL_TOKENS; id++) {
            pieces[id] = new byte[0];
        }
        for (int value = 0; value < 256; value++) {
            pieces[CONTROL_TOKENS + value] = new byte[] {(byte) value};
        }
        for (int i = 0; i < texts.size(); i++) {
            pieces[CONTROL_TOKENS + 256 + i] = texts.get(i).getBytes(StandardCharsets.UTF_8);
        }
        return TokenBytes.of(pieces, EOS);
    }

    /** Bytes, and pieces of the kind that are awkward: across borders of strings, numbers, characters and rules. */
    public static TokenBytes awkward() {
        Random random = new Random(7);
        List<String> texts = new ArrayList<>(List.of(
                "\"",
                "\":",
                "\": ",
                "\",",
                "\", \"",
                "\"}",
                "\"]}",
                "}}",
                "]]",
                "{\"",
                "[\"",
                "[[",
                "\\",
                "\\\"",
                "\\u",
                "\\u00",
                "d83d",
                "\\ud83d\\ude00",
                "00",
                "000",
                "12",
                "1234567890",
                "0.",
                ".5",
                "e1",
                "E+",
                "-1",
                "-",
                "true",
                "false",
                "null",
                "nul",
                "tru",
                "é",
                "漢字",
                "😀",
                "a",
                "ab",
                "abc",
                " the",
                "  ",
                "    ",
                " \"",
                ",\"",
                ", ",
                ": ",
                ":[",
                "{}",
                "[]",
                "name",
                "\"name\"",
                "\"name\":",
                "value",
                "\n",
                "\t",
                "-0",
                "T12:",
                "2024-",
                "@",
                ".com",
                "://"));
        String alphabet = "ab01\"\\,:{}[] .-eéT";
        for (int i = 0; i < 300; i++) {
            StringBuilder text = new StringBuilder();
            int length = 1 + random.nextInt(6);
            for (int j = 0; j < length; j++) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            texts.add(text.toString());
        }
        return of(texts);
    }

    /** Of Llama 2's size and kind. */
    static TokenBytes large() {
        Vocabulary vocabulary = LargeVocabulary.vocabulary();
        byte[][] pieces = new byte[vocabulary.size()][];
        for (int id = 0; id < pieces.length; id++) {
            Vocabulary.Piece piece = vocabulary.pieces().get(id);
            pieces[id] = switch (piece.type()) {
                case NORMAL, USER_DEFINED -> piece.text().replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
                case BYTE -> new byte[] {(byte) Integer.parseInt(piece.text().substring(3, 5), 16)};
                case UNKNOWN, CONTROL, UNUSED -> new byte[0];
            };
        }
        return TokenBytes.of(pieces, vocabulary.eosId());
    }
}
