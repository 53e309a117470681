package io.llamastreams.faults;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import io.llamastreams.topology.record.CompletionRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Holds every completion against what its prompt must come to. Any thread. */
final class Ledger {

    /** Batch id of all prompts. */
    static final String BATCH_ID = "faults";

    private static final int MAX_EXAMPLES = 10;

    private final Map<String, Generation> expected;
    private final Map<String, Usage> found = new HashMap<>();
    private final List<String> examples = new ArrayList<>();
    private long duplicated;
    private long different;
    private long unknown;

    /** @param expected what each prompt must come to, by its id */
    Ledger(Map<String, Generation> expected) {
        this.expected = Map.copyOf(expected);
    }

    /** Enters a completion. */
    synchronized void enter(CompletionRecord completion, String where) {
        String id = completion.id();
        Generation wanted = expected.get(id);
        if (wanted == null) {
            unknown++;
            example(where + ": nobody asked for " + id);
            return;
        }
        if (found.putIfAbsent(id, completion.usage()) != null) {
            duplicated++;
            example(where + ": " + id + " again");
        }
        difference(completion, wanted).ifPresent(what -> {
            different++;
            example(where + ": " + id + ": " + what);
        });
    }

    /**
     * The first field that is not as it must be. What was cached, and how long it took, may differ. Numbers are equal as
     * objects only if they have the same bits.
     */
    private static Optional<String> difference(CompletionRecord completion, Generation wanted) {
        return differs(
                        "status",
                        ending(wanted.status(), wanted.error()),
                        ending(completion.status(), completion.error()))
                .or(() -> differs("answer", wanted.answer(), completion.answer()))
                .or(() -> differs("seed", wanted.seed(), completion.lineage().seed()))
                .or(() -> differs(
                        "prompt tokens",
                        wanted.usage().promptTokens(),
                        completion.usage().promptTokens()))
                .or(() -> differs(
                        "completion tokens",
                        wanted.usage().completionTokens(),
                        completion.usage().completionTokens()))
                .or(() -> differs("batch id", BATCH_ID, completion.batchId()))
                .or(() -> differs("attributes", Map.of("of", wanted.id()), completion.attributes()));
    }

    private static String ending(Generation.Status status, String error) {
        return error.isEmpty() ? status.name() : status + " (" + error + ")";
    }

    private static Optional<String> differs(String field, Object wanted, Object found) {
        return Objects.equals(wanted, found)
                ? Optional.empty()
                : Optional.of(field + ": expected " + wanted + ", found " + found);
    }

    private void example(String what) {
        if (examples.size() < MAX_EXAMPLES) {
            examples.add(what);
        }
    }

    /** Prompts that have their completion. */
    synchronized int completed() {
        return found.size();
    }

    /** Completions beyond the first of a prompt. */
    synchronized long duplicated() {
        return duplicated;
    }

    /** Completions that are not what they must be. */
    synchronized long different() {
        return different;
    }

    /** Completions of prompts that were never sent. */
    synchronized long unknown() {
        return unknown;
    }

    /** Prompts that have none yet, sorted. */
    synchronized Set<String> missing() {
        Set<String> missing = new TreeSet<>(expected.keySet());
        missing.removeAll(found.keySet());
        return missing;
    }

    /** What each completion says that it cost, by id. */
    synchronized Map<String, Usage> usages() {
        return Map.copyOf(found);
    }

    /** The first things that were wrong. */
    synchronized List<String> examples() {
        return List.copyOf(examples);
    }
}
