package io.llamastreams.serving.options;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an option may be in view of others, and what is more than a range. Stateless. */
final class OptionRules {
    private OptionRules() {}

    /** A text of none may be only where something else is wanted. */
    static OptionType<Integer> newTokens(GenerationOptions options) {
        boolean makesText = options.task() instanceof Task.Generate
                && options.report().promptLogprobs().isEmpty();
        return OptionType.integer(makesText ? 1 : 0);
    }

    static Optional<String> leastBelowMost(GenerationOptions options) {
        EndingOptions ending = options.ending();
        return ending.minTokens() <= ending.maxNewTokens()
                ? Optional.empty()
                : Optional.of("min_tokens: expected at most max_new_tokens (" + ending.maxNewTokens() + "), found "
                        + ending.minTokens());
    }

    static Optional<String> wordsNotBlank(GenerationOptions options) {
        List<String> words = options.sampling().tokens().badWords();
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).isBlank()) {
                return Optional.of("bad_words[" + i + "]: expected a word, found white space");
            }
        }
        return Optional.empty();
    }

    static OptionType<Integer> madeAtLeastReturned(GenerationOptions options) {
        return OptionType.integer(options.samples().n(), RequestOptions.MAX_SAMPLES);
    }

    static Optional<String> oneWithoutTokens(GenerationOptions options) {
        int made = options.samples().made();
        return made == 1 || options.maxNewTokens() > 0
                ? Optional.empty()
                : Optional.of("n and best_of: expected 1 where max_new_tokens is 0, found " + made);
    }

    static Optional<String> labels(GenerationOptions options) {
        if (!(options.task() instanceof Task.Label label)) {
            return Optional.empty();
        }
        int count = label.answers().size();
        return count < 2
                ? Optional.of("label: expected at least 2 answers to compare, found " + count)
                : twiceProblem(label.answers()).or(() -> uselessProblem("label", options));
    }

    private static Optional<String> twiceProblem(List<String> answers) {
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < answers.size(); i++) {
            Integer first = seen.putIfAbsent(answers.get(i), i);
            if (first != null) {
                return Optional.of(
                        "label[" + i + "]: expected another answer than label[" + first + "], found the same");
            }
        }
        return Optional.empty();
    }

    static Optional<String> continuations(GenerationOptions options) {
        if (!(options.task() instanceof Task.Continuations continuations)) {
            return Optional.empty();
        }
        return continuations.texts().isEmpty()
                ? Optional.of("continuations: expected at least one, found none")
                : uselessProblem("continuations", options);
    }

    static Optional<String> embedding(GenerationOptions options) {
        return options.task() instanceof Task.Embed ? uselessProblem("embed", options) : Optional.empty();
    }

    /** What asks for texts or scores that such a task does not give; its other options change nothing. */
    private static Optional<String> uselessProblem(String task, GenerationOptions options) {
        String useless = options.structure().isPresent()
                ? "structure of a text"
                : options.samples().made() > 1
                        ? "n and best_of"
                        : options.report().promptLogprobs().isPresent() ? "prompt_logprobs" : "";
        return useless.isEmpty()
                ? Optional.empty()
                : Optional.of(task + ": expected no " + useless + " beside it, found one");
    }
}
