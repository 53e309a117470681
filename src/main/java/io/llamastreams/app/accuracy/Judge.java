package io.llamastreams.app.accuracy;

import io.llamastreams.evaluation.Accuracy;
import io.llamastreams.evaluation.AccuracyCounter;
import io.llamastreams.evaluation.Expected;
import io.llamastreams.evaluation.Verdict;
import io.llamastreams.serving.Generation;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Judges answers in whatever order they come, and keeps the shares and a few examples. One thread. */
public final class Judge {
    /** Examples that are kept of the wrong and of the right ones. */
    public static final int EXAMPLES = 3;

    private final AccuracyCounter counter = new AccuracyCounter();
    private final TreeMap<Long, Example> wrong = new TreeMap<>();
    private final TreeMap<Long, Example> right = new TreeMap<>();

    /**
     * Judges an answer; only a generation that succeeded has one.
     *
     * @param index of the request: its first ones are the examples, so that they do not depend on the order of the ends
     * @param question what the prompt says, for people
     */
    public Verdict judge(long index, String question, Expected expected, Generation generation) {
        Verdict verdict = expected.judge(
                generation.status() == Generation.Status.SUCCEEDED ? Optional.of(generation.text()) : Optional.empty());
        counter.add(verdict);
        TreeMap<Long, Example> examples = verdict.isRight() ? right : wrong;
        examples.put(index, new Example(question, expected, generation, verdict));
        if (examples.size() > EXAMPLES) {
            examples.pollLastEntry();
        }
        return verdict;
    }

    public Accuracy accuracy() {
        return counter.accuracy();
    }

    /** The first wrong ones, up to {@link #EXAMPLES}. */
    public List<Example> wrong() {
        return List.copyOf(wrong.values());
    }

    /** The first wrong ones, or the first right ones if nothing was wrong, up to {@link #EXAMPLES}. */
    public List<Example> examples() {
        return wrong.isEmpty() ? List.copyOf(right.values()) : wrong();
    }
}
