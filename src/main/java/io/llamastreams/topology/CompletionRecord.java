package io.llamastreams.topology;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a prompt ended: the value of a record on the completions topic.
 *
 * @param id the prompt's id
 * @param status how it ended
 * @param choices the texts; none when rejected or failed
 * @param usage what it cost
 * @param error why it was rejected or failed; empty otherwise
 * @param lineage where it comes from
 * @param tenant the prompt's tenant
 * @param batchId the prompt's batch id
 * @param attributes the prompt's attributes
 */
public record CompletionRecord(
        String id,
        Generation.Status status,
        List<Choice> choices,
        Usage usage,
        String error,
        Lineage lineage,
        String tenant,
        String batchId,
        Map<String, String> attributes) {

    /**
     * One of the texts that were made for a prompt.
     *
     * @param index which one, from 0
     * @param text cut before a stop string
     * @param tokenIds a closing stop token included
     * @param finishReason stop, length or cancelled
     * @param logprobs one for each of {@code tokenIds}, or empty when they were not asked for
     */
    public record Choice(
            int index, String text, List<Integer> tokenIds, Optional<String> finishReason, List<Float> logprobs) {
        public Choice {
            tokenIds = List.copyOf(tokenIds);
            logprobs = List.copyOf(logprobs);
        }
    }

    /**
     * Where a completion comes from; enough to make it again.
     *
     * @param origin the prompt record
     * @param promptTimestamp its timestamp
     * @param model name of the model
     * @param seed that was used
     * @param engineVersion version of the program
     * @param kvType number format of keys and values: f32 or f16
     */
    public record Lineage(
            Origin origin, Instant promptTimestamp, String model, long seed, String engineVersion, String kvType) {}

    public CompletionRecord {
        choices = List.copyOf(choices);
        attributes = Map.copyOf(attributes);
    }
}
