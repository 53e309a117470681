package io.llamastreams.serving.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringsTest {

    @Test
    void cutsAcrossTheBordersOfDeltas() {
        assertThat(cut(List.of("\n\nUser:"), "Hello", " there\n", "\nUs", "er", ": no"))
                .isEqualTo("Hello there");
        assertThat(cut(List.of("abab"), "xaba", "cabab")).isEqualTo("xabac");
        assertThat(cut(List.of("aab"), "aa", "aa", "b")).isEqualTo("aa");
    }

    @Test
    void takesTheStringThatIsCompleteFirstAndOfThoseTheLongest() {
        assertThat(cut(List.of("bcd", "c"), "abcd")).isEqualTo("ab");
        assertThat(cut(List.of("c", "abc"), "xabc")).isEqualTo("x");
        assertThat(cut(List.of("he", "she", "hers"), "ushers")).isEqualTo("u");
    }

    @Test
    void holdsBackOnlyWhatMayBecomeAStopString() {
        StopMatcher matcher = new StopMatcher(new StopStrings(List.of("END", "</s>")));
        assertThat(append(matcher, "the E")).isEqualTo("the ");
        assertThat(append(matcher, "N")).isEmpty();
        assertThat(append(matcher, "E")).isEqualTo("EN");
        assertThat(append(matcher, "<")).isEqualTo("E");
        StringBuilder rest = new StringBuilder();
        matcher.end(rest);
        assertThat(rest.toString()).isEqualTo("<");
        assertThat(matcher.isStopped()).isFalse();
    }

    @Test
    void saysNothingAfterTheStop() {
        StopMatcher matcher = new StopMatcher(new StopStrings(List.of("x")));
        assertThat(append(matcher, "axb")).isEqualTo("a");
        assertThat(append(matcher, "c")).isEmpty();
        assertThat(matcher.isStopped()).isTrue();
    }

    @Test
    void findsWhatALookAtEveryPositionFinds() {
        long seed = 11;
        Random random = new Random(seed);
        for (int round = 0; round < 5000; round++) {
            List<String> stops = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                stops.add(letters(random, 1 + random.nextInt(5)));
            }
            String text = letters(random, random.nextInt(30));
            List<String> deltas = new ArrayList<>();
            for (int from = 0; from < text.length(); ) {
                int to = Math.min(text.length(), from + random.nextInt(4));
                deltas.add(text.substring(from, to));
                from = to;
            }
            assertThat(cut(stops, deltas.toArray(String[]::new)))
                    .as("seed %d, round %d: %s in %s", seed, round, stops, text)
                    .isEqualTo(expected(stops, text));
        }
    }

    private static String expected(List<String> stops, String text) {
        for (int end = 1; end <= text.length(); end++) {
            String start = text.substring(0, end);
            int longest = stops.stream()
                    .filter(start::endsWith)
                    .mapToInt(String::length)
                    .max()
                    .orElse(0);
            if (longest > 0) {
                return text.substring(0, end - longest);
            }
        }
        return text;
    }

    private static String cut(List<String> stops, String... deltas) {
        StopMatcher matcher = new StopMatcher(new StopStrings(stops));
        StringBuilder text = new StringBuilder();
        for (String delta : deltas) {
            matcher.append(delta, text);
        }
        if (!matcher.isStopped()) {
            matcher.end(text);
        }
        return text.toString();
    }

    private static String append(StopMatcher matcher, String delta) {
        StringBuilder out = new StringBuilder();
        matcher.append(delta, out);
        return out.toString();
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }
}
