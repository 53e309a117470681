package io.llamastreams.training.checkpoint;

import java.util.Map;

/**
 * The state of a training run between two steps. Arrays are kept, not copied, and compared as objects.
 *
 * @param recipeDigest names the recipe that led here; another recipe cannot go on from this checkpoint
 * @param phase name of the phase under way
 * @param phaseSteps steps done in that phase
 * @param optimiserSteps steps since the moments were 0, which corrects their bias
 * @param weights all parameters, as the model lays them out
 * @param firstMoments as long as the weights
 * @param secondMoments as long as the weights
 * @param state what else the run needs, such as its position in the data
 */
public record Checkpoint(
        String recipeDigest,
        String phase,
        int phaseSteps,
        int optimiserSteps,
        float[] weights,
        float[] firstMoments,
        float[] secondMoments,
        Map<String, String> state) {

    public Checkpoint {
        if (phaseSteps < 0 || optimiserSteps < 0) {
            throw new IllegalArgumentException(
                    "steps: expected at least 0, found " + phaseSteps + " in the phase, " + optimiserSteps + " in all");
        }
        if (firstMoments.length != weights.length || secondMoments.length != weights.length) {
            throw new IllegalArgumentException("moments: expected as many as weights, " + weights.length + ", found "
                    + firstMoments.length + " and " + secondMoments.length);
        }
        state = Map.copyOf(state);
    }
}
