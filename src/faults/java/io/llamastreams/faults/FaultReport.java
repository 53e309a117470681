package io.llamastreams.faults;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run came to.
 *
 * @param protocol of the group; several with commas between
 * @param seed that repeats the plan
 * @param seconds from the first fault's prompts to the last completion
 * @param prompts that were sent, each acknowledged by the broker
 * @param findings what the auditor counted
 * @param faults how many of each kind
 * @param pendingAtFaults prompts without a completion at each fault, sorted
 * @param gaveUp workers that ended without being told, and were started again
 * @param hanging transactions that the broker had forgotten, and the operator ended
 * @param examples the first things that were wrong
 */
record FaultReport(
        String protocol,
        long seed,
        long seconds,
        int prompts,
        Findings findings,
        Map<FaultKind, Integer> faults,
        List<Integer> pendingAtFaults,
        int gaveUp,
        int hanging,
        List<String> examples) {

    /**
     * Counts; all but {@code completed} must be 0.
     *
     * @param completed prompts with a completion
     * @param lost prompts without one
     * @param duplicated completions beyond a prompt's first
     * @param different completions that are not what a quiet run gave
     * @param unknown completions of prompts that were never sent
     * @param deadLetters records that somebody could not read
     * @param statistics prompts that do not have exactly one record of statistics, with their completion's numbers
     * @param usage totals of tenants that are not the sums over completions
     * @param batch things that the table of batches says wrongly
     * @param leftPending prompts that are still in the pending store
     * @param disorder workers that did not end in order and in time when they were told to
     */
    record Findings(
            long completed,
            long lost,
            long duplicated,
            long different,
            long unknown,
            long deadLetters,
            long statistics,
            long usage,
            long batch,
            long leftPending,
            long disorder) {

        private Map<String, Long> wrong() {
            Map<String, Long> wrong = new LinkedHashMap<>();
            wrong.put("lost", lost);
            wrong.put("duplicated", duplicated);
            wrong.put("different", different);
            wrong.put("unknown", unknown);
            wrong.put("dead_letters", deadLetters);
            wrong.put("wrong_statistics", statistics);
            wrong.put("wrong_usage", usage);
            wrong.put("wrong_batch", batch);
            wrong.put("left_pending", leftPending);
            wrong.put("disorderly_ends", disorder);
            return wrong;
        }

        private Findings plus(Findings other) {
            return new Findings(
                    completed + other.completed,
                    lost + other.lost,
                    duplicated + other.duplicated,
                    different + other.different,
                    unknown + other.unknown,
                    deadLetters + other.deadLetters,
                    statistics + other.statistics,
                    usage + other.usage,
                    batch + other.batch,
                    leftPending + other.leftPending,
                    disorder + other.disorder);
        }
    }

    FaultReport {
        faults = Map.copyOf(faults);
        pendingAtFaults = pendingAtFaults.stream().sorted().toList();
        examples = List.copyOf(examples);
    }

    /** Nothing is lost, double or different, and everybody's sums are right. */
    boolean isClean() {
        return findings.completed == prompts
                && findings.wrong().values().stream().allMatch(count -> count == 0);
    }

    int count(FaultKind kind) {
        return faults.getOrDefault(kind, 0);
    }

    int allFaults() {
        return faults.values().stream().mapToInt(Integer::intValue).sum();
    }

    int workerKills() {
        return faults.entrySet().stream()
                .filter(fault -> fault.getKey().killsWorker())
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** Half of the faults met at least so many prompts without a completion. */
    int medianPending() {
        return pendingAtFaults.isEmpty() ? 0 : pendingAtFaults.get(pendingAtFaults.size() / 2);
    }

    /** Two runs as one, of the same seed. */
    FaultReport plus(FaultReport other) {
        Map<FaultKind, Integer> allFaults = new EnumMap<>(FaultKind.class);
        allFaults.putAll(faults);
        other.faults.forEach((kind, count) -> allFaults.merge(kind, count, Integer::sum));
        List<Integer> allPending = new ArrayList<>(pendingAtFaults);
        allPending.addAll(other.pendingAtFaults);
        return new FaultReport(
                protocol + "," + other.protocol,
                seed,
                seconds + other.seconds,
                prompts + other.prompts,
                findings.plus(other.findings),
                allFaults,
                allPending,
                gaveUp + other.gaveUp,
                hanging + other.hanging,
                Stream.concat(examples.stream(), other.examples.stream()).toList());
    }

    /** In one line. */
    String toJson() {
        ObjectNode json =
                Json.object().put("clean", isClean()).put("prompts", prompts).put("completed", findings.completed);
        findings.wrong().forEach(json::put);
        ObjectNode kinds = json.putObject("faults");
        sortedFaults().forEach(fault -> kinds.put(fault.getKey().label(), fault.getValue()));
        json.put("all_faults", allFaults())
                .put("worker_kills", workerKills())
                .put("median_pending_at_fault", medianPending())
                .put("workers_gave_up", gaveUp)
                .put("hanging_transactions", hanging)
                .put("protocol", protocol)
                .put("seconds", seconds)
                .put("seed", seed);
        if (!examples.isEmpty()) {
            ArrayNode list = json.putArray("examples");
            examples.forEach(list::add);
        }
        return Json.write(json);
    }

    /** For people. */
    String toTable() {
        String counts = Stream.concat(
                        Stream.of(Map.entry("prompts", (long) prompts), Map.entry("completed", findings.completed)),
                        findings.wrong().entrySet().stream())
                .map(count -> row(count.getKey(), count.getValue()))
                .collect(Collectors.joining());
        String kinds = sortedFaults()
                .map(fault -> row("  " + fault.getKey().label(), fault.getValue()))
                .collect(Collectors.joining());
        return "protocol " + protocol + ", seed " + seed + ", " + seconds + " s\n" + counts + row("faults", allFaults())
                + kinds + row("pending at a fault, median", medianPending()) + row("workers that gave up", gaveUp)
                + row("transactions that hung", hanging)
                + examples.stream().map(example -> "! " + example + "\n").collect(Collectors.joining())
                + (isClean() ? "clean" : "NOT CLEAN");
    }

    private Stream<Map.Entry<FaultKind, Integer>> sortedFaults() {
        return faults.entrySet().stream().sorted(Comparator.comparing(Map.Entry::getKey));
    }

    private static String row(String name, long count) {
        return String.format(Locale.ROOT, "%-32s %8d%n", name, count);
    }

    /** What was wrong, for an assertion's message; empty if the run was clean. */
    Optional<String> problem() {
        return isClean() ? Optional.empty() : Optional.of(toTable());
    }
}
