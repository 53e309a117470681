package io.llamastreams.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;

/** Files outside the repository that tests use where they are there, and random texts. */
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

    static Path shared(String file) {
        Path path = Path.of(System.getProperty("shared.dir", "../shared"), "data", file);
        Assumptions.assumeTrue(Files.isRegularFile(path), () -> "needs the shared test data: " + path);
        return path;
    }

    static String random(Random random, int parts) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            text.append(ALPHABET[random.nextInt(ALPHABET.length)]);
        }
        return text.toString();
    }
}
