package io.llamastreams.app.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.accuracy.AccuracyJson;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.engine.EngineStatus;
import io.llamastreams.evaluation.Accuracy;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.record.UsageRecord.Totals;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What the demonstration ends with. Counts are those of the completions; {@code usage} is what the usage topic says, which
 * knows only prompts that went through the broker.
 *
 * @param model its name
 * @param counts of requests and tokens
 * @param elapsed from sending the first prompt to the last completion
 * @param kvBlocks of the engine's pool
 * @param usage last record of each tenant, model and window
 */
public record DemoSummary(String model, Counts counts, Duration elapsed, KvBlocks kvBlocks, List<UsageRecord> usage) {

    /**
     * What became of the prompts.
     *
     * @param requests lines of the prompt file
     * @param succeeded of them
     * @param rejected refused by the worker, or no prompts at all
     * @param promptTokens BOS included
     * @param cachedTokens those of them that a shared prefix saved
     * @param completionTokens made
     */
    public record Counts(
            int requests, int succeeded, int rejected, long promptTokens, long cachedTokens, long completionTokens) {

        /** Everything that did not succeed, rejected ones among them. */
        public int failed() {
            return requests - succeeded;
        }
    }

    /**
     * Blocks of a KV pool.
     *
     * @param peak most that were in use at one time
     * @param total in the pool
     */
    public record KvBlocks(int peak, int total) {}

    public DemoSummary {
        usage = List.copyOf(usage);
    }

    static DemoSummary of(
            String model, Tally tally, Duration elapsed, EngineStatus status, Collection<UsageRecord> usage) {
        return new DemoSummary(
                model,
                tally.counts(),
                elapsed,
                new KvBlocks(status.kvBlocksPeak(), status.kvBlocksTotal()),
                List.copyOf(usage));
    }

    public double tokensPerSecond() {
        return counts.completionTokens() / Math.max(1e-9, elapsed.toNanos() / 1e9);
    }

    /**
     * One object: {@code requests = succeeded + failed}, and {@code rejected} is a part of {@code failed}.
     *
     * @param accuracy of the answers, if any were expected
     */
    public String toJson(Optional<Accuracy> accuracy) {
        ObjectNode json = Json.object()
                .put("requests", counts.requests())
                .put("succeeded", counts.succeeded())
                .put("failed", counts.failed())
                .put("rejected", counts.rejected())
                .put("prompt_tokens", counts.promptTokens())
                .put("cached_tokens", counts.cachedTokens())
                .put("completion_tokens", counts.completionTokens())
                .put("tokens_per_s", round(tokensPerSecond(), 10))
                .put("seconds", round(elapsed.toNanos() / 1e9, 1000))
                .put("model", model)
                .put("kv_blocks_peak", kvBlocks.peak())
                .put("kv_blocks_total", kvBlocks.total());
        accuracy.ifPresent(shares -> AccuracyJson.put(json, shares));
        ArrayNode windows = json.putArray("usage");
        usage.forEach(record -> windows.add(usageJson(record)));
        return Json.write(json);
    }

    private static ObjectNode usageJson(UsageRecord record) {
        Totals totals = record.totals();
        return Json.object()
                .put("tenant", record.tenant())
                .put("model", record.model())
                .put("window_start", record.windowStart().toString())
                .put("window_end", record.windowEnd().toString())
                .put("requests", totals.requests())
                .put("succeeded", totals.succeeded())
                .put("prompt_tokens", totals.promptTokens())
                .put("cached_tokens", totals.cachedTokens())
                .put("completion_tokens", totals.completionTokens());
    }

    private static double round(double value, int parts) {
        return Math.round(value * parts) / (double) parts;
    }
}
