package io.llamastreams.testing;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Stories for small children, put together from words of our own: what the tiny model of the tests is trained on. The
 * same number of texts is the same texts.
 */
public final class StoryTexts {
    private static final long SEED = 15;

    private static final List<String> GIRLS = List.of("Lily", "Mia", "Sara", "Anna");
    private static final List<String> BOYS = List.of("Tom", "Tim", "Ben", "Max");
    private static final List<String> ANIMALS = List.of("dog", "cat", "bird", "bear", "mouse", "fish");
    private static final List<String> THINGS = List.of("ball", "stone", "car", "kite", "flower", "cake");
    private static final List<String> COLOURS = List.of("red", "blue", "green", "new");
    private static final List<String> SIZES = List.of("big", "little", "small");
    private static final List<String> PLACES = List.of("park", "garden", "forest", "house", "water");
    private static final List<String> FEELINGS = List.of("happy", "sad", "hungry", "tired");
    private static final List<String> DEEDS = List.of("play", "run", "sing", "jump", "swim");

    private static final int KINDS = 22;
    private static final int FEWEST_SENTENCES = 24;
    private static final int MOST_SENTENCES = 46;

    private final Random random;
    private final StringBuilder text = new StringBuilder();
    private boolean girl;
    private String name;
    private String friend;

    private StoryTexts(long number) {
        random = new Random(SEED * 1_000_003 + number);
    }

    /** One of a number, from 0. */
    public static String story(long number) {
        return new StoryTexts(number).story();
    }

    private String story() {
        girl = random.nextInt(10) < 6;
        // Some names come more often: the likeliest text is a clear one.
        name = girl ? oftenFirst(GIRLS) : oftenFirst(BOYS);
        friend = girl ? oftenFirst(BOYS) : oftenFirst(GIRLS);
        beginning();
        int sentences = FEWEST_SENTENCES + random.nextInt(MOST_SENTENCES - FEWEST_SENTENCES + 1);
        int kind = random.nextInt(KINDS);
        for (int i = 1; i <= sentences; i++) {
            text.append(i % 8 == 0 ? '\n' : ' ');
            sentence(kind);
            // The next kind most often, so that the likeliest text goes through all of them before it repeats itself.
            do {
                kind = (kind + 1) % KINDS;
            } while (random.nextInt(3) == 0);
        }
        return text.append(" The end.").toString();
    }

    private void beginning() {
        String who = girl ? "girl" : "boy";
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4, 5 -> add("Once upon a time, there was a %s %s named %s.", oftenLittle(), who, name);
            case 6 -> add("One day, a little %s named %s went to the %s.", who, name, any(PLACES));
            case 7 -> add("%s and %s were in the %s.", name, friend, any(PLACES));
            case 8 -> add("The %s %s was very %s.", any(SIZES), any(ANIMALS), any(FEELINGS));
            default -> add("%s had a %s %s.", name, any(COLOURS), any(THINGS));
        }
        add(" %s loved to %s outside in the %s.", he(), oftenFirst(DEEDS), oftenFirst(PLACES));
    }

    private String oftenLittle() {
        return random.nextInt(4) == 0 ? "big" : "little";
    }

    private void sentence(int kind) {
        switch (kind) {
            case 0 -> add("One day, %s saw a %s %s.", name, any(SIZES), any(ANIMALS));
            case 1 -> add("The %s was very %s and %s.", any(ANIMALS), any(SIZES), any(FEELINGS));
            case 2 -> add("%s went to the %s with %s mom.", name, any(PLACES), his());
            case 3 -> add("%s found a %s %s in the %s.", he(), any(COLOURS), any(THINGS), any(PLACES));
            case 4 -> add("\"Look, a %s!\" said %s.", any(THINGS), name);
            case 5 -> add("\"I want to %s with you,\" said the %s.", any(DEEDS), any(ANIMALS));
            case 6 -> add("%s was %s because the %s was %s.", name, any(FEELINGS), any(THINGS), any(COLOURS));
            case 7 -> add("%s and %s had %d %ss.", name, friend, 2 + random.nextInt(98), any(THINGS));
            case 8 -> add("They liked to %s and %s all day.", any(DEEDS), any(DEEDS));
            case 9 -> add("Once upon a time, there was a %s who could %s.", any(ANIMALS), any(DEEDS));
            case 10 -> add("The %s ran to the %s.", any(ANIMALS), any(PLACES));
            case 11 -> add("%s mom said, \"It is time to go to the %s.\"", girl ? "Her" : "His", any(PLACES));
            case 12 -> add("%s wanted to see the %s with %s.", he(), any(THINGS), friend);
            case 13 -> add("%s and %s were very %s.", name, friend, any(FEELINGS));
            case 14 -> add("%s put the %s in the %s.", he(), any(THINGS), any(PLACES));
            case 15 -> add("\"Can you %s with me?\" said the %s.", any(DEEDS), any(ANIMALS));
            case 16 -> add("\"Yes, I can!\" said %s.", friend);
            case 17 -> add("The %s sat on the %s and saw the %s.", any(ANIMALS), any(THINGS), any(ANIMALS));
            case 18 -> add("They had the %s in the %s.", any(THINGS), any(PLACES));
            case 19 -> add("%s was not %s; %s was %s.", he(), any(FEELINGS), girl ? "she" : "he", any(FEELINGS));
            case 20 -> add("Then the %s: it was %s.", any(THINGS), any(COLOURS));
            default -> add("They were very good friends.");
        }
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation is Error Prone's own
    private void add(String format, Object... words) {
        text.append(format.formatted(words));
    }

    private String any(List<String> words) {
        return words.get(random.nextInt(words.size()));
    }

    private String oftenFirst(List<String> words) {
        return random.nextInt(3) == 0 ? words.getFirst() : any(words);
    }

    private String he() {
        return girl ? "She" : "He";
    }

    private String his() {
        return girl ? "her" : "his";
    }

    /** {@code COUNT OUT.jsonl}: as many, a {"text"} in a line. */
    public static void main(String[] args) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int number = 0; number < Integer.parseInt(args[0]); number++) {
            String escaped = story(number).replace("\"", "\\\"").replace("\n", "\\n");
            lines.add("{\"text\":\"" + escaped + "\"}");
        }
        Files.write(Path.of(args[1]), lines, StandardCharsets.UTF_8);
    }
}
