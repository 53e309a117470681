package io.llamastreams.topology.serde;

import io.llamastreams.schema.TokenStatistics;
import io.llamastreams.schema.TokenUsage;
import io.llamastreams.schema.TokenUsageKey;
import io.llamastreams.serving.Usage;
import io.llamastreams.topology.record.StatisticsRecord;
import io.llamastreams.topology.record.UsageKey;
import io.llamastreams.topology.record.UsageRecord;

/** What prompts cost: statistics of each, and totals. Any thread. */
final class AvroUsage {
    private AvroUsage() {}

    static TokenStatistics statistics(StatisticsRecord statistics) {
        Usage usage = statistics.usage();
        return new TokenStatistics(
                statistics.id(),
                AvroCompletions.status(statistics.status()),
                statistics.tenant(),
                statistics.model(),
                statistics.batchId(),
                usage.promptTokens(),
                usage.cachedTokens(),
                usage.completionTokens(),
                usage.queueNanos(),
                usage.prefillNanos(),
                usage.decodeNanos());
    }

    static StatisticsRecord statistics(TokenStatistics statistics) {
        return new StatisticsRecord(
                statistics.getId(),
                AvroCompletions.status(statistics.getStatus()),
                statistics.getTenant(),
                statistics.getModel(),
                statistics.getBatchId(),
                new Usage(
                        statistics.getPromptTokens(),
                        statistics.getCachedTokens(),
                        statistics.getCompletionTokens(),
                        statistics.getQueueNanos(),
                        statistics.getPrefillNanos(),
                        statistics.getDecodeNanos()));
    }

    static TokenUsage usage(UsageRecord usage) {
        UsageRecord.Totals totals = usage.totals();
        return new TokenUsage(
                usage.tenant(),
                usage.model(),
                usage.windowStart(),
                usage.windowEnd(),
                totals.succeeded(),
                totals.rejected(),
                totals.failed(),
                totals.cancelled(),
                totals.expired(),
                totals.promptTokens(),
                totals.cachedTokens(),
                totals.completionTokens());
    }

    static UsageRecord usage(TokenUsage usage) {
        return new UsageRecord(
                usage.getTenant(),
                usage.getModel(),
                usage.getWindowStart(),
                usage.getWindowEnd(),
                new UsageRecord.Totals(
                        usage.getSucceeded(),
                        usage.getRejected(),
                        usage.getFailed(),
                        usage.getCancelled(),
                        usage.getExpired(),
                        usage.getPromptTokens(),
                        usage.getCachedTokens(),
                        usage.getCompletionTokens()));
    }

    static TokenUsageKey usageKey(UsageKey key) {
        return new TokenUsageKey(key.tenant(), key.model(), key.windowStart());
    }

    static UsageKey usageKey(TokenUsageKey key) {
        return new UsageKey(key.getTenant(), key.getModel(), key.getWindowStart());
    }
}
