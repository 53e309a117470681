package io.llamastreams.topology.record;

import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import java.util.List;
import java.util.Optional;

/**
 * How two runs answered the same prompt record: the value of a record on the topic of differences.
 *
 * @param origin the prompt record
 * @param id the prompt's id
 * @param equal whether status and answers are the same, cost and times apart
 * @param firstDifferentToken index of the first token of the first texts that is not the same, where one of them may have
 *     ended; -1 if there is none
 * @param before of the run that is repeated
 * @param now of the run that repeats it
 */
public record DifferenceRecord(
        Origin origin, String id, boolean equal, int firstDifferentToken, Compared before, Compared now) {

    /**
     * An answer.
     *
     * @param status how the prompt ended
     * @param model name of the model
     * @param modelDigest SHA-256 of its file
     * @param text the first one; empty if there is none
     * @param tokenIds of this text
     * @param label the likeliest of the answers that were compared
     * @param error why the prompt was rejected or failed; empty otherwise
     */
    public record Compared(
            Generation.Status status,
            String model,
            String modelDigest,
            String text,
            List<Integer> tokenIds,
            Optional<String> label,
            String error) {
        public Compared {
            tokenIds = List.copyOf(tokenIds);
        }

        private static Compared of(CompletionRecord completion) {
            Optional<Choice> first = completion.choices().stream().findFirst();
            return new Compared(
                    completion.status(),
                    completion.lineage().model(),
                    completion.lineage().digests().model(),
                    first.map(Choice::text).orElse(""),
                    first.map(Choice::tokenIds).orElse(List.of()),
                    completion.answer() instanceof Answer.Scores scores ? scores.label() : Optional.empty(),
                    completion.error());
        }
    }

    /** Holds two completions of one prompt record against each other. */
    public static DifferenceRecord of(CompletionRecord before, CompletionRecord now) {
        Compared first = Compared.of(before);
        Compared second = Compared.of(now);
        return new DifferenceRecord(
                now.lineage().origin(),
                now.id(),
                before.status() == now.status() && before.answer().equals(now.answer()),
                firstDifference(first.tokenIds(), second.tokenIds()),
                first,
                second);
    }

    private static int firstDifference(List<Integer> before, List<Integer> now) {
        int common = Math.min(before.size(), now.size());
        for (int i = 0; i < common; i++) {
            if (!before.get(i).equals(now.get(i))) {
                return i;
            }
        }
        return before.size() == now.size() ? -1 : common;
    }
}
