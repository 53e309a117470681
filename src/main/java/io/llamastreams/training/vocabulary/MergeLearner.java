package io.llamastreams.training.vocabulary;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Finds the merges: again and again the most frequent pair of neighbours becomes one symbol. Of equally frequent pairs the one
 * with the shorter text comes first, then the lower one by code point. Source: Sennrich 2016; ties as in SentencePiece.
 *
 * <pre>
 *   symbols:  -1  U+2581 t h e  -1  U+2581 t h i s  -1     each different word once, -1 before, between and behind
 *   merged:   -1  U+2581 th . e -1  U+2581 th . i s -1     the right half's place is dead, previous and next go around it
 * </pre>
 *
 * <p>All words lie in one array, and each pair knows the places where it was made, so that a merge costs as much as it has
 * occurrences. A pair is made within one merge and only loses occurrences later: its entry in the queue is therefore never too
 * low, and it is put back when it comes up with more than is left. One owner.
 */
final class MergeLearner {
    /** A border of words, or a character without a piece: no neighbour of anything. */
    private static final int NONE = -1;

    private static final int DEAD = -2;

    /** Stands for all pairs that must not become pieces. */
    private static final Pair FORBIDDEN = new Pair(NONE, NONE, "");

    /** Two neighbours. {@code count} includes overlaps: three equal symbols in a row are two pairs, as in SentencePiece. */
    private static final class Pair {
        private final int left;
        private final int right;
        private final String text;
        private final int length;
        private long count;
        private int[] places = new int[4];
        private int placeCount;

        Pair(int left, int right, String text) {
            this.left = left;
            this.right = right;
            this.text = text;
            this.length = text.codePointCount(0, text.length());
        }

        void add(int place, long weight) {
            if (placeCount == places.length) {
                places = Arrays.copyOf(places, 2 * placeCount);
            }
            places[placeCount++] = place;
            count += weight;
        }
    }

    /** A pair in the queue with the count that it had when it was put there. */
    private record Candidate(Pair pair, long count) {
        static final Comparator<Candidate> BEST_FIRST = Comparator.comparingLong(Candidate::count)
                .reversed()
                .thenComparingInt(candidate -> candidate.pair.length)
                .thenComparing(candidate -> candidate.pair.text, CodePointOrder.ORDER);
    }

    private final PieceRules rules;
    private final List<String> texts = new ArrayList<>();
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Candidate.BEST_FIRST);
    private final List<Pair> fresh = new ArrayList<>();

    // By place.
    private final int[] symbols;
    private final int[] previous;
    private final int[] next;
    private final int[] words;

    private final long[] weights; // by word

    MergeLearner(List<WordCounts.Counted> counted, List<WordCounts.Counted> alphabet, PieceRules rules) {
        this.rules = rules;
        Map<Integer, Integer> symbolOf = new HashMap<>();
        for (WordCounts.Counted character : alphabet) {
            symbolOf.put(character.text().codePointAt(0), texts.size());
            texts.add(character.text());
        }
        long size = 1;
        for (WordCounts.Counted word : counted) {
            size += word.text().codePointCount(0, word.text().length()) + 1L;
        }
        symbols = new int[Math.toIntExact(size)];
        previous = new int[symbols.length];
        next = new int[symbols.length];
        words = new int[symbols.length];
        weights = new long[counted.size()];
        symbols[0] = NONE;
        int place = 1;
        for (int word = 0; word < weights.length; word++) {
            weights[word] = counted.get(word).count();
            for (int character : counted.get(word).text().codePoints().toArray()) {
                words[place] = word;
                symbols[place++] = symbolOf.getOrDefault(character, NONE);
            }
            symbols[place++] = NONE;
        }
        Arrays.setAll(previous, i -> i - 1);
        Arrays.setAll(next, i -> i + 1);
        for (int left = 1; left + 1 < symbols.length; left++) {
            count(left, left + 1);
        }
        enqueueFresh();
    }

    /** Texts of the merges in the order in which they were found; fewer than asked for where no pair is left. */
    List<String> learn(int mergeCount) {
        List<String> merges = new ArrayList<>();
        Set<String> known = new HashSet<>();
        while (merges.size() < mergeCount) {
            Pair best = takeBest();
            if (best == null) {
                break;
            }
            // Another pair of the same text, such as "aa" + "a" and "a" + "aa", is no second piece. Its symbols stay as
            // they are, as in SentencePiece, although the tokenizer will merge them.
            if (known.add(best.text)) {
                merges.add(best.text);
                merge(best);
            }
        }
        return merges;
    }

    private Pair takeBest() {
        for (Candidate candidate = queue.poll(); candidate != null; candidate = queue.poll()) {
            Pair pair = candidate.pair();
            if (pair.count == candidate.count()) {
                pairs.remove(key(pair.left, pair.right));
                return pair;
            }
            if (pair.count > 0) {
                queue.add(new Candidate(pair, pair.count));
            }
        }
        return null;
    }

    private void merge(Pair best) {
        int merged = texts.size();
        texts.add(best.text);
        for (int i = 0; i < best.placeCount; i++) {
            int left = best.places[i];
            // Either half may have become part of another symbol, or of this one where the halves are equal.
            if (symbols[left] != best.left || symbols[next[left]] != best.right) {
                continue;
            }
            int right = next[left];
            uncount(previous[left], left);
            uncount(right, next[right]);
            symbols[left] = merged;
            symbols[right] = DEAD;
            next[left] = next[right];
            previous[next[left]] = left;
            count(previous[left], left);
            count(left, next[left]);
        }
        enqueueFresh();
    }

    private void count(int left, int right) {
        if (symbols[left] == NONE || symbols[right] == NONE) {
            return;
        }
        Pair pair = pairs.computeIfAbsent(key(symbols[left], symbols[right]), key -> newPair(left, right));
        if (pair != FORBIDDEN) {
            pair.add(left, weights[words[left]]);
        }
    }

    private void uncount(int left, int right) {
        if (symbols[left] == NONE || symbols[right] == NONE) {
            return;
        }
        // Absent: the pair that is being merged, or one that was left unmerged for its text.
        Pair pair = pairs.get(key(symbols[left], symbols[right]));
        if (pair != null && pair != FORBIDDEN) {
            pair.count -= weights[words[left]];
        }
    }

    private Pair newPair(int left, int right) {
        String text = texts.get(symbols[left]) + texts.get(symbols[right]);
        if (!rules.allow(text)) {
            return FORBIDDEN;
        }
        Pair pair = new Pair(symbols[left], symbols[right], text);
        fresh.add(pair);
        return pair;
    }

    private void enqueueFresh() {
        for (Pair pair : fresh) {
            if (pair.count > 0) {
                queue.add(new Candidate(pair, pair.count));
            }
        }
        fresh.clear();
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }
}
