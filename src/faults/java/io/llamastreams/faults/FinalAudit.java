package io.llamastreams.faults;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.StatisticsRecord;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.serde.RecordMappings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all topics of a run from their beginnings, and looks whether they agree. One thread. */
final class FinalAudit {

    private static final String PENDING_CHANGELOG = WorkerSettings.APPLICATION_ID + "-pending-prompts-changelog";

    private final String bootstrap;
    private final Workload workload;
    private final Ledger ledger;
    private final List<CompletionRecord> completions = new ArrayList<>();

    FinalAudit(String bootstrap, Workload workload) {
        this.bootstrap = bootstrap;
        this.workload = workload;
        ledger = new Ledger(workload.reference());
    }

    /** Topics that must be quiet before. */
    static List<String> topics() {
        return List.of(
                TopicNames.DEFAULT.prompts(),
                TopicNames.DEFAULT.completions(),
                TopicNames.DEFAULT.statistics(),
                TopicNames.DEFAULT.deadLetter(),
                PENDING_CHANGELOG);
    }

    /**
     * Counts.
     *
     * @param usage totals that are known to be wrong
     * @param batch things that the table of batches says wrongly
     * @param disorder workers that did not end in order
     */
    FaultReport.Findings findings(long usage, long batch, long disorder) {
        CommittedTopic.read(
                bootstrap,
                TopicNames.DEFAULT.completions(),
                CommittedTopic.configured(RecordMappings.COMPLETION),
                record -> {
                    completions.add(record.value());
                    ledger.enter(record.value(), CommittedTopic.where(record));
                });
        return new FaultReport.Findings(
                ledger.completed(),
                workload.prompts().size() - ledger.completed(),
                ledger.duplicated(),
                ledger.different(),
                ledger.unknown(),
                deadLetters(),
                wrongStatistics(),
                usage,
                batch,
                leftPending(),
                disorder);
    }

    /** The first things that were wrong, lost prompts last. */
    List<String> examples() {
        List<String> examples = new ArrayList<>(ledger.examples());
        Set<String> missing = ledger.missing();
        if (!missing.isEmpty()) {
            examples.add("lost: " + missing.stream().limit(50).toList());
        }
        return examples;
    }

    private long deadLetters() {
        List<String> found = new ArrayList<>();
        CommittedTopic.read(
                bootstrap,
                TopicNames.DEFAULT.deadLetter(),
                new ByteArrayDeserializer(),
                record -> found.add(CommittedTopic.where(record)));
        return found.size();
    }

    /** Each prompt has one record of statistics, which says what its completion says. */
    private long wrongStatistics() {
        Map<String, List<Usage>> found = new HashMap<>();
        CommittedTopic.read(
                bootstrap,
                TopicNames.DEFAULT.statistics(),
                CommittedTopic.configured(RecordMappings.STATISTICS),
                record -> {
                    StatisticsRecord statistics = record.value();
                    found.computeIfAbsent(statistics.id(), id -> new ArrayList<>())
                            .add(statistics.usage());
                });
        Map<String, Usage> expected = ledger.usages();
        Set<String> ids = new HashSet<>(expected.keySet());
        ids.addAll(found.keySet());
        return ids.stream()
                .filter(id ->
                        !expected.containsKey(id) || !List.of(expected.get(id)).equals(found.get(id)))
                .count();
    }

    /** Of each key the last record counts; one without a value says that the prompt has ended. */
    private long leftPending() {
        Map<String, Boolean> pending = new HashMap<>();
        CommittedTopic.read(
                bootstrap,
                PENDING_CHANGELOG,
                new ByteArrayDeserializer(),
                record -> pending.put(new String(record.key(), StandardCharsets.UTF_8), record.value() != null));
        return pending.values().stream().filter(isPending -> isPending).count();
    }

    /**
     * Totals by tenant that are not the sums over completions; they follow them after a moment, while a worker runs.
     *
     * @param usages what the completions say, by id
     */
    static long wrongUsage(String bootstrap, Workload workload, Map<String, Usage> usages) {
        Map<List<String>, UsageRecord> last = new HashMap<>();
        CommittedTopic.read(
                bootstrap,
                TopicNames.DEFAULT.usage(),
                CommittedTopic.configured(RecordMappings.USAGE),
                record -> last.put(
                        List.of(
                                record.value().tenant(),
                                record.value().model(),
                                record.value().windowStart().toString()),
                        record.value()));
        Map<String, Sums> found = new TreeMap<>();
        last.values()
                .forEach(record -> found.merge(
                        record.tenant(),
                        new Sums(
                                record.totals().requests(),
                                record.totals().promptTokens(),
                                record.totals().cachedTokens(),
                                record.totals().completionTokens()),
                        Sums::plus));
        Map<String, Sums> expected = new TreeMap<>();
        workload.prompts().stream()
                .filter(prompt -> usages.containsKey(prompt.id()))
                .forEach(prompt -> {
                    Usage usage = usages.get(prompt.id());
                    expected.merge(
                            prompt.tenant(),
                            new Sums(1, usage.promptTokens(), usage.cachedTokens(), usage.completionTokens()),
                            Sums::plus);
                });
        Set<String> tenants = new HashSet<>(expected.keySet());
        tenants.addAll(found.keySet());
        return tenants.stream()
                .filter(tenant ->
                        !expected.containsKey(tenant) || !expected.get(tenant).equals(found.get(tenant)))
                .count();
    }

    /**
     * What the table of batches says wrongly of the batch that all prompts are of: a number of prompts, of ends or of tokens, or
     * that its completion was told not once. It follows the completions after a moment, while a worker runs.
     *
     * @param usages what the completions say, by id
     * @return a sentence for each
     */
    static List<String> wrongBatch(String bootstrap, Workload workload, Map<String, Usage> usages) {
        List<BatchRecord> told = new ArrayList<>();
        CommittedTopic.read(
                bootstrap,
                TopicNames.DEFAULT.batches(),
                CommittedTopic.configured(RecordMappings.BATCH),
                record -> told.add(record.value()));
        if (told.isEmpty()) {
            return List.of("batch: nothing on its topic");
        }
        BatchRecord last = told.getLast();
        List<String> wrong = new ArrayList<>();
        expect(wrong, "announced", workload.prompts().size(), last.announced());
        expect(wrong, "seen", workload.prompts().size(), last.seen());
        for (Generation.Status status : Generation.Status.values()) {
            long expected = usages.keySet().stream()
                    .filter(id -> workload.reference().get(id).status() == status)
                    .count();
            expect(wrong, status.name(), expected, ends(last.ends(), status));
        }
        expect(
                wrong,
                "prompt tokens",
                usages.values().stream().mapToLong(Usage::promptTokens).sum(),
                last.ends().promptTokens());
        expect(
                wrong,
                "completion tokens",
                usages.values().stream().mapToLong(Usage::completionTokens).sum(),
                last.ends().completionTokens());
        expect(
                wrong,
                "times its completion was told",
                1,
                told.stream().filter(batch -> batch.completed().isPresent()).count());
        return wrong;
    }

    private static void expect(List<String> wrong, String what, long expected, long found) {
        if (expected != found) {
            wrong.add("batch: " + what + ": expected " + expected + ", found " + found);
        }
    }

    private static long ends(UsageRecord.Totals totals, Generation.Status status) {
        return switch (status) {
            case SUCCEEDED -> totals.succeeded();
            case REJECTED -> totals.rejected();
            case FAILED -> totals.failed();
            case CANCELLED -> totals.cancelled();
            case EXPIRED -> totals.expired();
        };
    }

    private record Sums(long requests, long promptTokens, long cachedTokens, long completionTokens) {
        Sums plus(Sums other) {
            return new Sums(
                    requests + other.requests,
                    promptTokens + other.promptTokens,
                    cachedTokens + other.cachedTokens,
                    completionTokens + other.completionTokens);
        }
    }
}
