package io.llamastreams.training;

import io.llamastreams.training.data.BatchSource;
import io.llamastreams.training.network.TokenBatch;
import java.util.List;

/**
 * What one phase learns from, and what it is measured with.
 *
 * @param batches endless
 * @param heldOut batches that are never learnt; none for no measurement
 */
public record TrainingData(BatchSource batches, List<TokenBatch> heldOut) {

    public TrainingData {
        heldOut = List.copyOf(heldOut);
    }
}
