package io.llamastreams.topology.record;

import io.llamastreams.serving.Prompt;
import java.time.Instant;
import java.util.Optional;

/**
 * How far the prompts of one batch are: the value of a record on the topic of batches, where the last one of a batch counts;
 * also a change of such a total.
 *
 * @param batchId the batch id of its prompts
 * @param announced how many prompts it has by its producer's word; 0 as long as that was not said
 * @param seen prompts that were taken in
 * @param ends those of them that have ended, by their end, with their tokens
 * @param first when the first prompt was taken in
 * @param last when a prompt was taken in or ended last
 * @param completed when the last of all announced prompts had ended; empty before
 */
public record BatchRecord(
        String batchId,
        long announced,
        long seen,
        UsageRecord.Totals ends,
        Instant first,
        Instant last,
        Optional<Instant> completed) {

    /** One prompt more that was taken in; {@code announced} as above. */
    public static BatchRecord ofPrompt(Prompt prompt, long announced, Instant time) {
        return new BatchRecord(prompt.batchId(), announced, 1, UsageRecord.Totals.NONE, time, time, Optional.empty());
    }

    /** One prompt more that has ended. */
    public static BatchRecord ofEnd(StatisticsRecord statistics, Instant time) {
        return new BatchRecord(
                statistics.batchId(), 0, 0, UsageRecord.Totals.NONE.plus(statistics), time, time, Optional.empty());
    }

    /** A batch of which nothing is known. */
    public static BatchRecord none(String batchId, Instant time) {
        return new BatchRecord(batchId, 0, 0, UsageRecord.Totals.NONE, time, time, Optional.empty());
    }

    /**
     * This total and a change. Of several announcements the largest counts, so that it does not matter in which order they
     * arrive, nor how often.
     */
    public BatchRecord plus(BatchRecord change) {
        BatchRecord sum = new BatchRecord(
                batchId,
                Math.max(announced, change.announced),
                seen + change.seen,
                ends.plus(change.ends),
                first.isBefore(change.first) ? first : change.first,
                last.isAfter(change.last) ? last : change.last,
                Optional.empty());
        return sum.hasAll() ? sum.completedAt(completed.orElse(sum.last)) : sum;
    }

    private boolean hasAll() {
        return announced > 0 && ended() >= announced && pending() == 0;
    }

    private BatchRecord completedAt(Instant time) {
        return new BatchRecord(batchId, announced, seen, ends, first, last, Optional.of(time));
    }

    /** Prompts that have ended, however. */
    public long ended() {
        return ends.requests();
    }

    /** Prompts that were taken in and have not ended. */
    public long pending() {
        return Math.max(0, seen - ended());
    }

    /** How many prompts the batch has as far as one can know: what was announced, or what was seen if that is more. */
    public long total() {
        return Math.max(announced, seen);
    }
}
