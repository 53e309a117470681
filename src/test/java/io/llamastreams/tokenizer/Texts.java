package io.llamastreams.tokenizer;

import java.util.Random;

/** Random texts. */
final class Texts {
    private static final String[] ALPHABET = {
        "a",
        "b",
        "e",
        "n",
        "t",
        "T",
        "he",
        "ing",
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "\t",
        ".",
        ",",
        "0",
        "1",
        "9",
        "é",
        "ü",
        "漢",
        "字",
        "😀",
        "🏳️‍🌈",
        "\u0301",
        "ا",
        "العربية",
        "ภาษา",
        "\u2581",
        "<s>",
        "</s>",
        "<unk>",
        "<0x41>",
        "[INST]",
        "\u0000",
        "\uFFFD",
        "\u00A0",
        "the",
        " the",
        "ation",
        "http://",
        "ſ",
        "Ω",
        "\uD83D\uDE00"
    };

    private Texts() {}

    static String random(Random random, int parts) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            text.append(ALPHABET[random.nextInt(ALPHABET.length)]);
        }
        return text.toString();
    }
}
