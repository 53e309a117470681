package io.llamastreams.training.vocabulary;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The words of texts and how often each occurs. A word is what stands from one space to the next, its own space in front, as
 * U+2581. Each line of a text begins with the space that the tokenizer puts in front of a text. One owner.
 */
final class WordCounts {
    /** Never part of a piece. Also stands for the names of the pieces that text cannot become. */
    static final char SEPARATOR = '\t';

    private static final Pattern NAMES_OF_SPECIALS = Pattern.compile("<unk>|</?s>|<0x[0-9A-F]{2}>");
    private static final char REPLACEMENT = '\uFFFD';

    /** A word or a character, and how often it was seen. */
    record Counted(String text, long count) {
        /** The most frequent first, equals by code point. */
        static final Comparator<Counted> ORDER =
                Comparator.comparingLong(Counted::count).reversed().thenComparing(Counted::text, CodePointOrder.ORDER);
    }

    private final boolean spaceRuns;
    private final Map<String, long[]> counts = new HashMap<>();

    /** @param spaceRuns whether spaces that follow each other stay in one word, in front of it */
    WordCounts(boolean spaceRuns) {
        this.spaceRuns = spaceRuns;
    }

    void add(String text) {
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            addLine(text.substring(start, end));
            start = end + 1;
        }
        addLine(text.substring(start));
    }

    /** All words, in an order that the texts alone decide. */
    List<Counted> words() {
        return sorted(counts);
    }

    /**
     * The characters that get a piece of their own, the most frequent first: as many as it takes to cover the share that is
     * asked for.
     */
    List<Counted> alphabet(double coverage) {
        Map<String, long[]> characters = new HashMap<>();
        counts.forEach((word, count) -> word.codePoints()
                .filter(character -> character != 0)
                .forEach(character -> add(characters, Character.toString(character), count[0])));
        long all = characters.values().stream().mapToLong(count -> count[0]).sum();
        List<Counted> alphabet = new ArrayList<>();
        long covered = 0;
        for (Counted character : sorted(characters)) {
            // Compared as float, as SentencePiece does, so that both stop at the same character.
            if ((float) ((double) covered / all) >= (float) coverage) {
                break;
            }
            covered += character.count();
            if (character.text().charAt(0) != SEPARATOR) {
                alphabet.add(character);
            }
        }
        return alphabet;
    }

    private void addLine(String raw) {
        if (raw.isEmpty()) {
            return;
        }
        String line = PieceRules.SPACE + prepare(raw);
        int start = 0;
        for (int at = 1; at < line.length(); at++) {
            boolean begins =
                    line.charAt(at) == PieceRules.SPACE && !(spaceRuns && line.charAt(at - 1) == PieceRules.SPACE);
            if (begins) {
                add(counts, line.substring(start, at), 1);
                start = at;
            }
        }
        add(counts, line.substring(start), 1);
    }

    private static String prepare(String line) {
        String text = line.replace(' ', PieceRules.SPACE);
        if (text.indexOf('<') >= 0) {
            text = NAMES_OF_SPECIALS.matcher(text).replaceAll(String.valueOf(SEPARATOR));
        }
        return hasLoneSurrogate(text) ? withoutLoneSurrogates(text) : text;
    }

    private static boolean hasLoneSurrogate(String text) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (Character.isHighSurrogate(c)
                    && at + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(at + 1))) {
                at++;
            } else if (Character.isSurrogate(c)) {
                return true;
            }
        }
        return false;
    }

    private static String withoutLoneSurrogates(String text) {
        return text.codePoints()
                .map(c -> c <= 0xFFFF && Character.isSurrogate((char) c) ? REPLACEMENT : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static void add(Map<String, long[]> counts, String text, long count) {
        counts.computeIfAbsent(text, key -> new long[1])[0] += count;
    }

    private static List<Counted> sorted(Map<String, long[]> counts) {
        List<Counted> list = new ArrayList<>(counts.size());
        counts.forEach((text, count) -> list.add(new Counted(text, count[0])));
        list.sort(Counted.ORDER);
        return list;
    }
}
