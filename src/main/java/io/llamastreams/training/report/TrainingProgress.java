package io.llamastreams.training.report;

import java.util.Locale;

/**
 * The state of a phase in one line for the terminal, such as
 * {@code pretrain 120/3000  loss 1.234  rate 1.9e-3  5,432 tok/s  left 12:34}. Any thread.
 *
 * @param stepsBefore steps of the phase done before this process: the time left is told by the others
 */
public record TrainingProgress(String phase, int stepsBefore, int totalSteps) {

    /**
     * The line after {@code step}.
     *
     * @param elapsedSeconds since {@code stepsBefore}
     */
    public String line(int step, double loss, double rate, double tokensPerSecond, double elapsedSeconds) {
        return String.format(
                Locale.ROOT,
                "%s %d/%d  loss %.3f  rate %s  %,.0f tok/s  left %s",
                phase,
                step,
                totalSteps,
                loss,
                scientific(rate),
                tokensPerSecond,
                left(step, elapsedSeconds));
    }

    private String left(int step, double elapsedSeconds) {
        int done = step - stepsBefore;
        if (done <= 0) {
            return "?";
        }
        return clock(elapsedSeconds / done * (totalSteps - step));
    }

    /** Two digits and the exponent without padding: {@code 1.9e-3}. */
    static String scientific(double number) {
        String padded = String.format(Locale.ROOT, "%.1e", number);
        int e = padded.indexOf('e');
        return e < 0 ? padded : padded.substring(0, e + 1) + Integer.parseInt(padded.substring(e + 1));
    }

    /** Minutes and seconds, after hours where there are any. */
    static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
