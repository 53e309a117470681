package io.llamastreams.evaluation;

/**
 * So many of so many.
 *
 * @param part from 0 to {@code whole}
 */
public record Proportion(long part, long whole) {
    public static final Proportion NONE = new Proportion(0, 0);

    public Proportion {
        if (part < 0 || part > whole) {
            throw new IllegalArgumentException("part: expected 0 to " + whole + ", found " + part);
        }
    }

    /** Whether there is anything that this is a share of. */
    public boolean isDefined() {
        return whole > 0;
    }

    /** From 0 to 1; NaN if it {@linkplain #isDefined is a share of nothing}. */
    public double fraction() {
        return (double) part / whole;
    }

    Proportion plus(boolean counts) {
        return new Proportion(part + (counts ? 1 : 0), whole + 1);
    }
}
