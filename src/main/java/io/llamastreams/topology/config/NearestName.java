package io.llamastreams.topology.config;

import java.util.Comparator;
import java.util.Set;

/** Finds the name that was probably meant. Any thread. */
final class NearestName {
    private NearestName() {}

    /** The candidate with the smallest edit distance; of equals the first by alphabet. */
    static String of(String name, Set<String> candidates) {
        return candidates.stream()
                .min(Comparator.<String>comparingInt(candidate -> distance(name, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow(() -> new IllegalArgumentException("expected at least one candidate, found none"));
    }

    /** Insertions, deletions and replacements of one character that turn a into b. Source: Wagner and Fischer 1974. */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length()];
    }
}
