package io.llamastreams.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.testing.Outside;
import io.llamastreams.testing.OutsideFiles;
import io.llamastreams.testing.StoryTexts;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The encoder against {@link PlainEncoder}: the same ids for every text and every kind of vocabulary. */
class EncoderFuzzTest {

    @Test
    void givesTheIdsOfThePlainEncoderWithALargeVocabulary() {
        StringBuilder prose = new StringBuilder();
        for (int story = 0; story < 60; story++) {
            prose.append(StoryTexts.story(story)).append(Texts.random(new Random(story), 20));
        }
        check(LargeVocabulary.vocabulary(), prose.toString());
    }

    @Test
    @Outside({"llama2-tokenizer.model", "tokenizer-golden.jsonl"})
    void givesTheIdsOfThePlainEncoderWithTheVocabularyOfLlama2() throws Exception {
        check(
                SentencePieceModel.read(OutsideFiles.file("llama2-tokenizer.model")),
                Files.readString(OutsideFiles.file("tokenizer-golden.jsonl")));
    }

    private static void check(Vocabulary vocabulary, String prose) {
        Tokenizer tokenizer = new Tokenizer(vocabulary);
        PlainEncoder plain = new PlainEncoder(vocabulary);
        long seed = 77;
        Random random = new Random(seed);
        for (int round = 0; round < 1500; round++) {
            check(tokenizer, plain, Texts.random(random, random.nextInt(60)), "seed " + seed + ", round " + round);
            check(tokenizer, plain, anyText(random), "seed " + seed + ", round " + round);
            check(tokenizer, plain, words(vocabulary, random), "seed " + seed + ", round " + round);
        }
        // what was found to be a whole word in one text must hold in all others
        for (int id = 0; id < vocabulary.size(); id += 13) {
            String piece = vocabulary.pieces().get(id).text().replace('\u2581', ' ');
            for (String text : List.of(piece, "a" + piece, piece + piece)) {
                check(tokenizer, plain, text, "piece " + id);
            }
        }
        for (int from = 0; from < prose.length(); from += 997) {
            check(tokenizer, plain, prose.substring(from, Math.min(prose.length(), from + 1000)), "at " + from);
        }
    }

    @Test
    void givesTheIdsOfThePlainEncoderForLongRuns() {
        Vocabulary vocabulary = LargeVocabulary.vocabulary();
        Tokenizer tokenizer = new Tokenizer(vocabulary);
        PlainEncoder plain = new PlainEncoder(vocabulary);
        Random random = new Random(3);
        for (String part : List.of("a", " ", "ab", "abracadabra", "\uD800\uDF30", "=", "é", "<s>", "\u2581", "aa ")) {
            for (int length : new int[] {46, 47, 48, 49, 50, 700 + random.nextInt(300)}) {
                String text = part.repeat(length).substring(0, length);
                check(tokenizer, plain, text, part + " up to " + length);
                check(tokenizer, plain, "x " + text + " y", part + " up to " + length + " between words");
            }
        }
    }

    @Test
    void givesTheIdsOfThePlainEncoderWithVocabulariesOfAllKinds() {
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            Vocabulary vocabulary = anyVocabulary(random);
            Tokenizer tokenizer = new Tokenizer(vocabulary);
            PlainEncoder plain = new PlainEncoder(vocabulary);
            for (int round = 0; round < 25; round++) {
                check(tokenizer, plain, letters(random, random.nextInt(90)), "seed " + seed + ", round " + round);
            }
        }
    }

    @Test
    void theOneEncodersNotesAreTheOthers() {
        Vocabulary vocabulary = LargeVocabulary.vocabulary();
        PlainEncoder plain = new PlainEncoder(vocabulary);
        Random random = new Random(8);
        Map<String, int[]> expected = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            String text = words(vocabulary, random);
            expected.put(text, plain.encode(text));
        }
        Tokenizer shared = new Tokenizer(vocabulary);
        for (int round = 0; round < 3; round++) {
            expected.entrySet().parallelStream()
                    .forEach(entry -> assertThat(shared.encode(entry.getKey()))
                            .as(entry.getKey())
                            .containsExactly(entry.getValue()));
        }
    }

    private static void check(Tokenizer tokenizer, PlainEncoder plain, String text, String description) {
        int[] expected = plain.encode(text);
        for (int time = 0; time < 2; time++) {
            assertThat(tokenizer.encode(text)).as("%s: %s", description, text).containsExactly(expected);
        }
    }

    /** Characters of all planes, halves of pairs among them. */
    private static String anyText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(60); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
                case 1 -> text.append((char) random.nextInt(Character.MAX_VALUE + 1));
                case 2 -> text.append((char) (Character.MIN_SURROGATE + random.nextInt(2048)));
                case 3 -> text.append((char) random.nextInt(0x500));
                default -> text.append(' ');
            }
        }
        return text.toString();
    }

    /** Pieces of the vocabulary in any order. */
    private static String words(Vocabulary vocabulary, Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            text.append(
                    vocabulary.pieces().get(random.nextInt(vocabulary.size())).text());
        }
        return text.toString().replace('\u2581', ' ');
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append("abc ab  cd\u00e9\uD83D\uDE00\u2581".charAt(random.nextInt(14)));
        }
        return text.toString();
    }

    /** Some strings over a few letters, of all types that text may become, with few different scores. */
    private static Vocabulary anyVocabulary(Random random) {
        SmallVocabulary vocabulary =
                random.nextBoolean() ? SmallVocabulary.withBytes() : SmallVocabulary.withoutBytes();
        if (random.nextBoolean()) {
            vocabulary.dummyPrefix();
        }
        boolean reachesOverWords = random.nextInt(3) == 0;
        boolean onlyNormal = random.nextBoolean();
        Set<String> texts = new HashSet<>();
        for (int i = 5 + random.nextInt(60); i > 0; i--) {
            StringBuilder text = new StringBuilder();
            for (int length = 1 + random.nextInt(random.nextBoolean() ? 2 : 5); length > 0; length--) {
                text.append(new String[] {"a", "b", "c", "d", "\u2581", "é", "\uD83D\uDE00"}[random.nextInt(7)]);
            }
            if (!reachesOverWords && text.lastIndexOf("\u2581") > 0) {
                continue;
            }
            if (texts.add(text.toString())) {
                PieceType type = onlyNormal
                        ? PieceType.NORMAL
                        : switch (random.nextInt(8)) {
                            case 0 -> PieceType.UNUSED;
                            case 1 -> PieceType.USER_DEFINED;
                            default -> PieceType.NORMAL;
                        };
                vocabulary.add(text.toString(), -random.nextInt(6), type);
            }
        }
        return vocabulary.vocabulary();
    }
}
