package io.llamastreams.training.optimiser;

/**
 * The rate over the steps of a phase: it climbs in a line to the peak, then falls along half a cosine.
 *
 * <pre>
 *   peak        /`-.
 *              /     `.
 *             /        `.
 *   final    /            `-._
 *           1  warmupSteps   totalSteps
 * </pre>
 *
 * @param peakRate reached at step {@code warmupSteps}
 * @param finalRate reached at step {@code totalSteps}, at most the peak
 * @param warmupSteps 0 for none; the curve then begins to fall at the first step
 */
public record CosineSchedule(float peakRate, float finalRate, int warmupSteps, int totalSteps) {

    public CosineSchedule {
        if (!(peakRate > 0) || !Float.isFinite(peakRate)) {
            throw new IllegalArgumentException("peak rate: expected above 0, found " + peakRate);
        }
        if (!(finalRate >= 0 && finalRate <= peakRate)) {
            throw new IllegalArgumentException(
                    "final rate: expected from 0 to the peak of " + peakRate + ", found " + finalRate);
        }
        if (warmupSteps < 0 || warmupSteps >= totalSteps) {
            throw new IllegalArgumentException(
                    "warm-up: expected from 0 to below " + totalSteps + " steps, found " + warmupSteps);
        }
    }

    /** Ends at a tenth of the peak: Touvron et al. 2023, section 2.2. */
    public static CosineSchedule toTenthOfPeak(float peakRate, int warmupSteps, int totalSteps) {
        return new CosineSchedule(peakRate, peakRate / 10, warmupSteps, totalSteps);
    }

    /**
     * The rate of one step.
     *
     * @throws IllegalArgumentException if {@code step} is not in 1..totalSteps
     */
    public float rate(int step) {
        if (step < 1 || step > totalSteps) {
            throw new IllegalArgumentException("step: expected from 1 to " + totalSteps + ", found " + step);
        }
        if (step <= warmupSteps) {
            return (float) ((double) peakRate * step / warmupSteps);
        }
        double progress = (double) (step - warmupSteps) / (totalSteps - warmupSteps);
        double factor = 0.5 * (1 + StrictMath.cos(Math.PI * progress));
        return (float) (finalRate + ((double) peakRate - finalRate) * factor);
    }
}
