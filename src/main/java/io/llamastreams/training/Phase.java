package io.llamastreams.training;

import io.llamastreams.training.optimiser.CosineSchedule;

/**
 * One part of a training run.
 *
 * @param steps updates of the weights
 * @param warmupSteps of them while the rate climbs; 2,000 in Touvron et al. 2023
 * @param peakRate highest rate; the last step has a tenth of it
 * @param rows of a batch that goes through the network at a time, each as long as the context
 * @param accumulation batches whose gradients make one step
 */
public record Phase(int steps, int warmupSteps, float peakRate, int rows, int accumulation) {

    public Phase {
        atLeast("steps", 0, steps);
        atLeast("rows", 1, rows);
        atLeast("accumulation", 1, accumulation);
        if (steps > 0) {
            CosineSchedule.toTenthOfPeak(peakRate, warmupSteps, steps);
        }
    }

    private static void atLeast(String thing, int least, int found) {
        if (found < least) {
            throw new IllegalArgumentException(thing + ": expected at least " + least + ", found " + found);
        }
    }

    CosineSchedule schedule() {
        return CosineSchedule.toTenthOfPeak(peakRate, warmupSteps, steps);
    }
}
