package io.llamastreams.topology.record;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;

/**
 * What one prompt cost: the value of a record on the statistics topic.
 *
 * @param id the prompt's id
 * @param status how the prompt ended
 * @param tenant whom it is counted for; empty for nobody in particular
 * @param model name of the model
 * @param batchId the prompt's batch id
 * @param usage tokens and times
 */
public record StatisticsRecord(
        String id, Generation.Status status, String tenant, String model, String batchId, Usage usage) {}
