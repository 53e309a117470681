package io.llamastreams.topology.record;

import io.llamastreams.serving.Generation;
import java.time.Instant;

/**
 * Totals of one tenant and model over one window: the value of a record on the usage topic. Running totals: the last record
 * of a key counts.
 *
 * @param tenant empty for nobody in particular
 * @param model name of the model
 * @param windowStart inclusive
 * @param windowEnd exclusive
 * @param totals what happened in the window
 */
public record UsageRecord(String tenant, String model, Instant windowStart, Instant windowEnd, Totals totals) {

    /**
     * Prompts by their end, and their tokens.
     *
     * @param promptTokens BOS included
     * @param cachedTokens those of them that shared prefixes saved
     * @param completionTokens made, closing stop tokens included
     */
    public record Totals(
            long succeeded,
            long rejected,
            long failed,
            long cancelled,
            long expired,
            long promptTokens,
            long cachedTokens,
            long completionTokens) {

        public static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0);

        /** These totals and one prompt more. */
        public Totals plus(StatisticsRecord statistics) {
            var status = statistics.status();
            var usage = statistics.usage();
            return new Totals(
                    succeeded + count(status, Generation.Status.SUCCEEDED),
                    rejected + count(status, Generation.Status.REJECTED),
                    failed + count(status, Generation.Status.FAILED),
                    cancelled + count(status, Generation.Status.CANCELLED),
                    expired + count(status, Generation.Status.EXPIRED),
                    promptTokens + usage.promptTokens(),
                    cachedTokens + usage.cachedTokens(),
                    completionTokens + usage.completionTokens());
        }

        /** These totals and others. */
        Totals plus(Totals other) {
            return new Totals(
                    succeeded + other.succeeded,
                    rejected + other.rejected,
                    failed + other.failed,
                    cancelled + other.cancelled,
                    expired + other.expired,
                    promptTokens + other.promptTokens,
                    cachedTokens + other.cachedTokens,
                    completionTokens + other.completionTokens);
        }

        /** Prompts, however they ended. */
        public long requests() {
            return succeeded + rejected + failed + cancelled + expired;
        }

        private static int count(Generation.Status status, Generation.Status counted) {
            return status == counted ? 1 : 0;
        }
    }
}
