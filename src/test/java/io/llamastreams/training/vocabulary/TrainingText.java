package io.llamastreams.training.vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Made-up lines of words, of which some are frequent and most are rare, with signs, numbers and other scripts. */
final class TrainingText {
    private static final String[] PARTS = {
        "the",
        "in",
        "er",
        "an",
        "re",
        "on",
        "ing",
        "est",
        "o",
        "a",
        "t",
        "s",
        "ll",
        "ss",
        "aa",
        "aaa",
        "qu",
        "x",
        "\u00E4",
        "\u00E9",
        "\u0434\u0430",
        "\u043D\u0435",
        "\u6F22",
        "\u3072",
        "\uD83D\uDE00",
        "e\u0301"
    };
    private static final String[] SIGNS = {
        "", "", "", "", ".", ",", "...", "!?", "--", "----", "'s", "(", ")", "\t", " ", "  "
    };

    private TrainingText() {}

    static List<String> lines(long seed, int count) {
        Random random = new Random(seed);
        Random sameWords = new Random(42);
        String[] words = new String[400];
        for (int i = 0; i < words.length; i++) {
            words[i] = word(sameWords);
        }
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder line = new StringBuilder();
            for (int length = random.nextInt(12); length >= 0; length--) {
                double u = random.nextDouble();
                line.append(
                                random.nextInt(8) == 0
                                        ? Integer.toString(random.nextInt(5000))
                                        : random.nextInt(8) == 0
                                                ? word(random)
                                                : words[(int) (u * u * u * words.length)])
                        .append(SIGNS[random.nextInt(SIGNS.length)])
                        .append(length == 0 ? "" : " ");
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static String word(Random random) {
        StringBuilder word = new StringBuilder();
        for (int parts = random.nextInt(4); parts >= 0; parts--) {
            double u = random.nextDouble();
            word.append(PARTS[(int) (u * u * PARTS.length)]);
        }
        return word.toString();
    }
}
