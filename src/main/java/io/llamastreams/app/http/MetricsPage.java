package io.llamastreams.app.http;

import io.llamastreams.engine.EngineStatus;
import io.llamastreams.topology.record.PromptCounts;
import java.util.Optional;

/** The worker's numbers in Prometheus' text format. Any thread; one object for one answer. */
final class MetricsPage {
    private static final String PREFIX = "llama_";

    private final StringBuilder text = new StringBuilder();

    private MetricsPage() {}

    /** All of them; while the worker starts, only that it is not ready. */
    static HttpAnswer of(Optional<WorkerView> worker) {
        MetricsPage page = new MetricsPage();
        page.gauge(
                "ready",
                "1 while the worker has its partitions and takes prompts.",
                worker.map(WorkerView::isReady).orElse(false) ? 1 : 0);
        worker.ifPresent(view -> {
            page.head("info", "gauge", "What the worker serves.");
            page.text
                    .append(PREFIX)
                    .append("info{model=\"")
                    .append(escaped(view.modelName()))
                    .append("\"} 1\n");
            page.prompts(view.counts());
            page.engine(view.engine());
        });
        return HttpAnswer.metrics(page.text.toString());
    }

    private void prompts(PromptCounts counts) {
        gauge("pending_prompts", "Prompts that were taken in and have not ended.", counts.pending());
        gauge(
                "pending_tokens",
                "Tokens that these may still need, prompts and new ones together, at most; prompts that wait are estimated.",
                counts.pendingTokens());
        counter("prompts_received_total", "Prompt records taken in.", counts.received());
        counter("prompts_resubmitted_total", "Pending prompts found at the start of a task.", counts.resubmitted());
        head("prompts_ended_total", "counter", "Prompts by their end.");
        ended("succeeded", counts.succeeded());
        ended("rejected", counts.rejected());
        ended("failed", counts.failed());
        ended("cancelled", counts.cancelled());
        ended("expired", counts.expired());
    }

    private void ended(String status, long count) {
        text.append(PREFIX)
                .append("prompts_ended_total{status=\"")
                .append(status)
                .append("\"} ")
                .append(count)
                .append('\n');
    }

    private void engine(EngineStatus engine) {
        gauge("running_requests", "Requests that hold KV blocks.", engine.running());
        gauge("waiting_requests", "Requests inside the engine that hold none.", engine.waiting());
        gauge("engine_pending_tokens", "Tokens that these requests may still need.", engine.pendingTokens());
        gauge("kv_blocks_used", "KV blocks that requests hold.", engine.kvBlocksUsed());
        gauge("kv_blocks_cached", "KV blocks kept for their tokens, to be had at any time.", engine.kvBlocksCached());
        gauge(
                "kv_blocks_free",
                "KV blocks that nobody holds, cached ones among them.",
                engine.kvBlocksTotal() - engine.kvBlocksUsed());
        gauge("kv_blocks_total", "KV blocks in the pool.", engine.kvBlocksTotal());
        counter("steps_total", "Forward passes.", engine.steps());
        counter("computed_tokens_total", "Rows of all forward passes.", engine.computedTokens());
        counter("prompt_tokens_total", "Prompt tokens of requests that have started.", engine.promptTokens());
        counter("completion_tokens_total", "Tokens made.", engine.completionTokens());
        counter("preemptions_total", "Requests that lost their KV blocks to others.", engine.preemptions());
        counter("prefix_query_tokens_total", "Tokens looked up in the prefix cache.", engine.prefixQueryTokens());
        counter("prefix_hit_tokens_total", "Tokens found computed there.", engine.prefixHitTokens());
        counter("draft_tokens_total", "Guessed tokens that were verified.", engine.draftTokens());
        counter("accepted_draft_tokens_total", "Guessed tokens that were right.", engine.acceptedDraftTokens());
    }

    private void gauge(String name, String help, long value) {
        single(name, "gauge", help, value);
    }

    private void counter(String name, String help, long value) {
        single(name, "counter", help, value);
    }

    private void single(String name, String type, String help, long value) {
        head(name, type, help);
        text.append(PREFIX).append(name).append(' ').append(value).append('\n');
    }

    private void head(String name, String type, String help) {
        text.append("# HELP ")
                .append(PREFIX)
                .append(name)
                .append(' ')
                .append(help)
                .append('\n');
        text.append("# TYPE ")
                .append(PREFIX)
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
    }

    /** As a label's value must be. */
    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
