package io.llamastreams.topology.record;

import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Digests;
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
 * @param answer what came of it; nothing when rejected or failed
 * @param usage what it cost
 * @param error why it was rejected, failed, expired or cancelled; empty otherwise
 * @param lineage where it comes from
 * @param tenant the prompt's tenant
 * @param batchId the prompt's batch id
 * @param attributes the prompt's attributes
 */
public record CompletionRecord(
        String id,
        Generation.Status status,
        Answer answer,
        Usage usage,
        String error,
        Lineage lineage,
        String tenant,
        String batchId,
        Map<String, String> attributes) {

    /**
     * Where a completion comes from; enough to make it again.
     *
     * @param origin the prompt record
     * @param promptTimestamp its timestamp
     * @param model name of the model
     * @param seed that was used
     * @param engineVersion version of the program
     * @param kvType number format of keys and values: f32 or f16
     * @param digests of what it was made of
     * @param copyOf the same request that came before and whose completion this one repeats
     */
    public record Lineage(
            Origin origin,
            Instant promptTimestamp,
            String model,
            long seed,
            String engineVersion,
            String kvType,
            Digests digests,
            Optional<Origin> copyOf) {

        /** Of a completion that repeats none. */
        public Lineage(
                Origin origin,
                Instant promptTimestamp,
                String model,
                long seed,
                String engineVersion,
                String kvType,
                Digests digests) {
            this(origin, promptTimestamp, model, seed, engineVersion, kvType, digests, Optional.empty());
        }

        /** Of one that does not say what it was made of, either. */
        public Lineage(
                Origin origin, Instant promptTimestamp, String model, long seed, String engineVersion, String kvType) {
            this(origin, promptTimestamp, model, seed, engineVersion, kvType, Digests.NONE);
        }

        /** The lineage of a completion that repeats this one's. */
        Lineage copiedTo(Origin copy, Instant timestamp) {
            return new Lineage(
                    copy, timestamp, model, seed, engineVersion, kvType, digests, Optional.of(copyOf.orElse(origin)));
        }
    }

    public CompletionRecord {
        attributes = Map.copyOf(attributes);
    }

    /** The texts; none if something else was asked for, or nothing came of it. */
    public List<Choice> choices() {
        return answer.choices();
    }
}
