package io.llamastreams.app.http;

import io.llamastreams.engine.EngineStatus;
import io.llamastreams.topology.batch.BatchTable;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.PromptCounts;
import io.llamastreams.topology.record.UsageRecord;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A worker that is what a test says. */
final class FakeWorker implements WorkerView, BatchTable {
    final Map<String, BatchRecord> batches = new HashMap<>();
    final Map<String, Place> places = new HashMap<>();
    volatile Set<String> others = Set.of();
    volatile boolean ready = true;
    volatile Optional<String> failure = Optional.empty();

    static BatchRecord batch(String id, long announced, Optional<Instant> completed) {
        Instant first = Instant.parse("2026-01-01T00:00:00Z");
        return new BatchRecord(
                id,
                announced,
                3,
                new UsageRecord.Totals(1, 1, 0, 0, 0, 30, 10, 20),
                first,
                first.plusSeconds(id.length()),
                completed);
    }

    @Override
    public String state() {
        return ready ? "RUNNING" : "REBALANCING";
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public Optional<String> failure() {
        return failure;
    }

    @Override
    public PromptCounts counts() {
        return new PromptCounts(100, 2, 7, 4_321, 80, 5, 4, 3, 1);
    }

    @Override
    public EngineStatus engine() {
        return EngineStatus.of(number -> switch (number) {
            case RUNNING -> 6;
            case WAITING -> 1;
            case PENDING_TOKENS -> 900;
            case KV_BLOCKS_USED -> 40;
            case KV_BLOCKS_CACHED -> 10;
            case KV_BLOCKS_TOTAL -> 128;
            case KV_BLOCKS_PEAK -> 99;
            case STEPS -> 11;
            case COMPUTED_TOKENS -> 12;
            case PROMPT_TOKENS -> 13;
            case COMPLETION_TOKENS -> 14;
            case FINISHED_REQUESTS -> 15;
            case FAILED_REQUESTS -> 16;
            case PREEMPTIONS -> 17;
            case PREFIX_QUERY_TOKENS -> 18;
            case PREFIX_HIT_TOKENS -> 19;
            case PREFIX_EVICTIONS -> 20;
            case DRAFT_TOKENS -> 21;
            case ACCEPTED_DRAFT_TOKENS -> 22;
        });
    }

    @Override
    public String modelName() {
        return "a \"quoted\" \\ model";
    }

    @Override
    public BatchTable batches() {
        return this;
    }

    @Override
    public Place placeOf(String batchId) {
        return places.getOrDefault(batchId, new Place.Here());
    }

    @Override
    public Optional<BatchRecord> get(String batchId) {
        return Optional.ofNullable(batches.get(batchId));
    }

    @Override
    public List<BatchRecord> latest(int max) {
        return batches.values().stream().limit(max).toList();
    }

    @Override
    public Set<String> others() {
        return others;
    }
}
