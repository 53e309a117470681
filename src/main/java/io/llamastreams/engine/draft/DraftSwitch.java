package io.llamastreams.engine.draft;

/**
 * Whether drafts pay at the moment: measures the time of a new token with and without them, uses what was faster, and now and
 * then tries the other again. Engine thread only.
 */
public final class DraftSwitch {
    private static final int STEPS_OF_A_LOOK = 16;
    private static final int LOOKS_BETWEEN_TRIALS = 16;
    private static final double KEPT = 0.7;

    private final double[] nanosPerToken = new double[2];
    private boolean isOn = true;
    private boolean isTrial;
    private int looks;
    private int steps;
    private long nanos;
    private long tokens;

    public boolean isOn() {
        return isOn;
    }

    /** Takes a step that computed new tokens alone. */
    public void note(long stepNanos, int newTokens) {
        nanos += stepNanos;
        tokens += newTokens;
        if (++steps == STEPS_OF_A_LOOK) {
            look();
            steps = 0;
            nanos = 0;
            tokens = 0;
        }
    }

    private void look() {
        int side = isOn ? 1 : 0;
        double now = (double) nanos / Math.max(1, tokens);
        nanosPerToken[side] = nanosPerToken[side] == 0 ? now : KEPT * nanosPerToken[side] + (1 - KEPT) * now;
        looks++;
        if (nanosPerToken[1 - side] == 0 || !isTrial && looks % LOOKS_BETWEEN_TRIALS == 0) {
            isTrial = true;
            isOn = !isOn;
        } else {
            isTrial = false;
            isOn = nanosPerToken[1] < nanosPerToken[0];
        }
    }
}
