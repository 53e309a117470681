package io.llamastreams.training.optimiser;

import java.util.Optional;

/**
 * Numbers of a step are infinite or no numbers: the weights are as before the step. Going on makes no sense; whoever
 * trains lowers the rate and begins again, or goes back to an older checkpoint.
 */
public final class TrainingDivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int step;
    private final String tensor;

    /** A loss or the like went wrong, of no tensor in particular. */
    public TrainingDivergedException(int step, String thing, double found) {
        super("step " + step + ": " + thing + ": expected a finite number, found " + found);
        this.step = step;
        this.tensor = null;
    }

    /** The gradient of {@code tensor} went wrong. */
    TrainingDivergedException(int step, ParameterTensor tensor, double norm) {
        super("step " + step + ": gradient of " + tensor.name() + ": expected a finite norm, found " + norm);
        this.step = step;
        this.tensor = tensor.name();
    }

    /** The step that could not be done. */
    public int step() {
        return step;
    }

    /** The first tensor that is concerned, where that is known. */
    public Optional<String> tensor() {
        return Optional.ofNullable(tensor);
    }
}
