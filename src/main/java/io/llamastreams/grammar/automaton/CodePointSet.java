package io.llamastreams.grammar.automaton;

import java.util.Arrays;
import java.util.function.IntPredicate;

/** A set of Unicode code points, surrogates never among them. Immutable. */
public final class CodePointSet {
    public static final int MAX = Character.MAX_CODE_POINT;

    public static final CodePointSet NONE = new CodePointSet(new int[0]);
    public static final CodePointSet ANY =
            new CodePointSet(new int[] {0, Character.MIN_SURROGATE - 1, Character.MAX_SURROGATE + 1, MAX});

    /** First and last of each range, ascending, with gaps between the ranges. */
    private final int[] bounds;

    private CodePointSet(int[] bounds) {
        this.bounds = bounds;
    }

    public static CodePointSet of(int codePoint) {
        return range(codePoint, codePoint);
    }

    public static CodePointSet range(int first, int last) {
        return new CodePointSet(new int[] {first, last}).intersect(ANY);
    }

    /** All characters of a text. */
    public static CodePointSet of(String characters) {
        return characters.codePoints().mapToObj(CodePointSet::of).reduce(NONE, CodePointSet::union);
    }

    static CodePointSet matching(IntPredicate test) {
        int[] found = new int[16];
        int count = 0;
        for (int c = 0; c <= MAX; c++) {
            if (!test.test(c)) {
                continue;
            }
            if (count > 0 && found[count - 1] == c - 1) {
                found[count - 1] = c;
            } else {
                found = count + 2 > found.length ? Arrays.copyOf(found, 2 * count) : found;
                found[count++] = c;
                found[count++] = c;
            }
        }
        return new CodePointSet(Arrays.copyOf(found, count)).intersect(ANY);
    }

    /** @param bounds first and last of each range, ascending; ranges may touch, but not overlap */
    public static CodePointSet ofRanges(int[] bounds) {
        int[] joined = new int[bounds.length];
        int count = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            if (count > 0 && joined[count - 1] == bounds[i] - 1) {
                joined[count - 1] = bounds[i + 1];
            } else {
                joined[count++] = bounds[i];
                joined[count++] = bounds[i + 1];
            }
        }
        return new CodePointSet(Arrays.copyOf(joined, count)).intersect(ANY);
    }

    public int rangeCount() {
        return bounds.length / 2;
    }

    public int first(int range) {
        return bounds[2 * range];
    }

    public int last(int range) {
        return bounds[2 * range + 1];
    }

    public boolean isEmpty() {
        return bounds.length == 0;
    }

    boolean contains(int codePoint) {
        int at = Arrays.binarySearch(bounds, codePoint);
        return at >= 0 || (-at - 1) % 2 == 1;
    }

    public CodePointSet union(CodePointSet other) {
        return ANY.minus(ANY.minus(this).intersect(ANY.minus(other)));
    }

    public CodePointSet complement() {
        return ANY.minus(this);
    }

    CodePointSet intersect(CodePointSet other) {
        int[] both = new int[bounds.length + other.bounds.length + 2];
        int count = 0;
        int mine = 0;
        int theirs = 0;
        while (mine < bounds.length && theirs < other.bounds.length) {
            int first = Math.max(bounds[mine], other.bounds[theirs]);
            int last = Math.min(bounds[mine + 1], other.bounds[theirs + 1]);
            if (first <= last) {
                both[count++] = first;
                both[count++] = last;
            }
            if (bounds[mine + 1] < other.bounds[theirs + 1]) {
                mine += 2;
            } else {
                theirs += 2;
            }
        }
        return new CodePointSet(Arrays.copyOf(both, count));
    }

    public CodePointSet minus(CodePointSet other) {
        int[] gaps = new int[other.bounds.length + 2];
        int count = 0;
        int next = 0;
        for (int i = 0; i < other.bounds.length; i += 2) {
            if (next < other.bounds[i]) {
                gaps[count++] = next;
                gaps[count++] = other.bounds[i] - 1;
            }
            next = other.bounds[i + 1] + 1;
        }
        if (next <= MAX) {
            gaps[count++] = next;
            gaps[count++] = MAX;
        }
        return intersect(new CodePointSet(Arrays.copyOf(gaps, count)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CodePointSet set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }
}
