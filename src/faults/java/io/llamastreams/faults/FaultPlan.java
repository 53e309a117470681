package io.llamastreams.faults;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Which faults happen, and in which order: a function of their number and a seed. Stateless. */
final class FaultPlan {

    private FaultPlan() {}

    /**
     * Each kind has its share by weight, and at least one fault where there are as many faults as kinds.
     *
     * @param faults how many, at least as many as there are kinds
     */
    static List<FaultKind> of(int faults, long seed) {
        FaultKind[] kinds = FaultKind.values();
        if (faults < kinds.length) {
            throw new IllegalArgumentException("faults: expected at least " + kinds.length + ", found " + faults);
        }
        Map<FaultKind, Integer> counts = counts(faults);
        List<FaultKind> plan = new ArrayList<>(faults);
        counts.forEach((kind, count) -> plan.addAll(Collections.nCopies(count, kind)));
        Collections.shuffle(plan, new Random(seed));
        return plan;
    }

    /** One of each kind, and then always one more of the kind that lacks most of its share. */
    private static Map<FaultKind, Integer> counts(int faults) {
        int weights = 0;
        Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);
        for (FaultKind kind : FaultKind.values()) {
            weights += kind.weight();
            counts.put(kind, 1);
        }
        double share = (double) faults / weights;
        for (int placed = counts.size(); placed < faults; placed++) {
            FaultKind neediest = Collections.max(
                    counts.keySet(),
                    Comparator.comparingDouble((FaultKind kind) -> kind.weight() * share - counts.get(kind)));
            counts.merge(neediest, 1, Integer::sum);
        }
        return counts;
    }
}
