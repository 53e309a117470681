package io.llamastreams.training.report;

import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * The numbers of one step, or of the steps since the report before.
 *
 * @param phase name of letters, digits, spaces, dots, dashes and underscores
 * @param step of the phase, from 1; 0 for a measurement before the first step
 * @param tokens trained on in this phase up to here
 * @param loss mean cross entropy per target token, in nats
 * @param rate of the last step
 * @param gradientNorm before clipping
 * @param tokensPerSecond since the report before
 * @param seconds since the beginning of the phase
 * @param heldOutLoss where it was measured
 */
public record TrainingReport(
        String phase,
        int step,
        long tokens,
        double loss,
        double rate,
        double gradientNorm,
        double tokensPerSecond,
        double seconds,
        OptionalDouble heldOutLoss) {

    private static final Pattern PHASE = Pattern.compile("[A-Za-z0-9 ._-]+");

    public TrainingReport {
        if (!PHASE.matcher(phase).matches()) {
            throw new IllegalArgumentException(
                    "phase: expected letters, digits, spaces, dots, dashes or underscores, found " + phase);
        }
        if (step < 0 || tokens < 0) {
            throw new IllegalArgumentException(
                    "step and tokens: expected at least 0, found " + step + " and " + tokens);
        }
    }
}
