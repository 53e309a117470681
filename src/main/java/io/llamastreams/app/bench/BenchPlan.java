package io.llamastreams.app.bench;

import io.llamastreams.engine.request.EngineSetting;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be measured: every prompt, and every number of sequences with every context.
 *
 * @param prompts lengths of prompts; those of 0 are left out
 * @param contexts tokens that each sequence has before its new ones
 * @param batches numbers of sequences that get new tokens together
 * @param newTokens of each sequence in a run; 0 to measure prompts alone
 * @param runs of each measurement
 */
public record BenchPlan(List<Integer> prompts, List<Integer> contexts, List<Integer> batches, int newTokens, int runs) {
    private static final int MOST_TOKENS = 1 << 20;
    private static final int MOST_SEQUENCES = Math.toIntExact(EngineSetting.MAX_BATCH.most());
    private static final int MOST_RUNS = 1000;

    /** @throws IllegalArgumentException naming the option of the command that is out of range */
    public BenchPlan {
        prompts.forEach(tokens -> inRange("--prefill", tokens, 0, MOST_TOKENS));
        contexts.forEach(tokens -> inRange("--context", tokens, 1, MOST_TOKENS));
        batches.forEach(batch -> inRange("--batch", batch, 1, MOST_SEQUENCES));
        inRange("--decode", newTokens, 0, MOST_TOKENS);
        inRange("--runs", runs, 1, MOST_RUNS);
        prompts = prompts.stream().filter(tokens -> tokens > 0).toList();
        contexts = newTokens == 0 ? List.of() : List.copyOf(contexts);
        batches = newTokens == 0 ? List.of() : List.copyOf(batches);
        if (prompts.isEmpty() && newTokens == 0) {
            throw new IllegalArgumentException("expected something to measure, found --prefill 0 and --decode 0");
        }
    }

    private static void inRange(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + ": expected " + least + " to " + most + ", found " + value);
        }
    }

    /** Most sequences that are in memory together. */
    public int sequences() {
        return largest(batches, 1);
    }

    /** Most positions of a sequence. */
    public int positions() {
        return Math.max(largest(prompts, 1), newTokens + largest(contexts, 0));
    }

    /**
     * The plan in parts that each take their own memory: one long prompt alone, and many sequences with shorter contexts. Many
     * sequences as long as the prompt would take many times what is measured.
     */
    public List<BenchPlan> parts() {
        List<BenchPlan> parts = new ArrayList<>();
        if (!prompts.isEmpty()) {
            parts.add(new BenchPlan(prompts, contexts, batches, 0, runs));
        }
        if (newTokens > 0) {
            parts.add(new BenchPlan(List.of(), contexts, batches, newTokens, runs));
        }
        return parts;
    }

    /** In the order of measuring. */
    public List<Point> points() {
        List<Point> points = new ArrayList<>();
        prompts.forEach(tokens -> points.add(new Point.Prefill(tokens)));
        contexts.forEach(context -> batches.forEach(batch -> points.add(new Point.Decode(batch, context))));
        return points;
    }

    private static int largest(List<Integer> values, int otherwise) {
        return values.stream().max(Integer::compare).orElse(otherwise);
    }
}
