package io.llamastreams.serving;

import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.options.TokenOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says what is wrong with options: the field as callers write it, what was expected and what was found. Any thread. */
final class OptionsCheck {
    static final int MAX_STOP_STRINGS = 64;
    static final int MAX_STRING_CHARACTERS = 1024;
    static final int MAX_STOP_TOKEN_IDS = 256;
    static final int MAX_BAD_WORDS = 256;
    static final int MAX_SAMPLES = 128;
    static final int MAX_LIKELIEST = 100;
    static final int MAX_CONTINUATIONS = 256;
    static final int MAX_PATTERN_TOKENS = 256;
    static final int MAX_REPETITIONS = 1024;

    private static final double HOTTEST = 1e5;

    /** Beyond these, dividing or multiplying by it would leave the range of numbers. */
    private static final double MAX_REPETITION_PENALTY = 100;

    private static final double MAX_PENALTY = 2;
    private static final double MAX_BIAS = 100;

    private final int vocabularySize;

    OptionsCheck(int vocabularySize) {
        this.vocabularySize = vocabularySize;
    }

    Optional<String> problem(GenerationOptions options) {
        return endingProblem(options)
                .or(() -> samplingProblem(options.sampling()))
                .or(() -> samplesProblem(options))
                .or(() -> reportProblem(options.report()))
                .or(() -> taskProblem(options));
    }

    private Optional<String> endingProblem(GenerationOptions options) {
        EndingOptions ending = options.ending();
        boolean makesText = options.task() instanceof Task.Generate
                && options.report().promptLogprobs().isEmpty();
        return integer("max_new_tokens", ending.maxNewTokens(), makesText ? 1 : 0, Integer.MAX_VALUE)
                .or(() -> integer("min_tokens", ending.minTokens(), 0, Integer.MAX_VALUE))
                .or(() -> ending.minTokens() <= ending.maxNewTokens()
                        ? Optional.empty()
                        : Optional.of("min_tokens: expected at most max_new_tokens (" + ending.maxNewTokens()
                                + "), found " + ending.minTokens()))
                .or(() -> texts("stop", ending.stop(), MAX_STOP_STRINGS))
                .or(() -> count("stop_token_ids", ending.stopTokenIds().size(), MAX_STOP_TOKEN_IDS))
                .or(() -> ids("stop_token_ids", ending.stopTokenIds()))
                .or(() -> ending.repetition().flatMap(OptionsCheck::repetitionProblem));
    }

    private static Optional<String> repetitionProblem(EndingOptions.Repetition repetition) {
        return integer("repetition_detection.max_pattern_tokens", repetition.maxPatternTokens(), 1, MAX_PATTERN_TOKENS)
                .or(() -> integer("repetition_detection.repetitions", repetition.repetitions(), 2, MAX_REPETITIONS));
    }

    private Optional<String> samplingProblem(SamplingOptions sampling) {
        return number("temperature", sampling.temperature(), 0, HOTTEST)
                .or(() -> integer("top_k", sampling.topK(), 0, Integer.MAX_VALUE))
                .or(() -> share("top_p", sampling.topP()))
                .or(() -> number("min_p", sampling.minP(), 0, 1))
                .or(() -> share("typical_p", sampling.typicalP()))
                .or(() -> penaltyProblem(sampling.penalties()))
                .or(() -> tokenProblem(sampling.tokens()));
    }

    private static Optional<String> penaltyProblem(PenaltyOptions penalties) {
        return number("repetition_penalty", penalties.repetition(), 1 / MAX_REPETITION_PENALTY, MAX_REPETITION_PENALTY)
                .or(() -> number("presence_penalty", penalties.presence(), -MAX_PENALTY, MAX_PENALTY))
                .or(() -> number("frequency_penalty", penalties.frequency(), -MAX_PENALTY, MAX_PENALTY));
    }

    private Optional<String> tokenProblem(TokenOptions tokens) {
        return biasProblem(tokens.logitBias())
                .or(() -> texts("bad_words", tokens.badWords(), MAX_BAD_WORDS))
                .or(() -> blankWordProblem(tokens.badWords()))
                .or(() -> count("allowed_token_ids", tokens.allowedTokenIds().size(), vocabularySize))
                .or(() -> ids("allowed_token_ids", tokens.allowedTokenIds()));
    }

    /** In the order of the ids, so that of several problems always the same is named. */
    private Optional<String> biasProblem(Map<Integer, Double> biases) {
        return biases.keySet().stream()
                .sorted()
                .flatMap(
                        id -> id("logit_bias", id)
                                .or(() -> number("logit_bias." + id, biases.get(id), -MAX_BIAS, MAX_BIAS))
                                .stream())
                .findFirst();
    }

    private static Optional<String> blankWordProblem(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).isBlank()) {
                return Optional.of("bad_words[" + i + "]: expected a word, found white space");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> samplesProblem(GenerationOptions options) {
        SampleOptions samples = options.samples();
        return integer("n", samples.n(), 1, MAX_SAMPLES)
                .or(() -> samples.bestOf().flatMap(best -> integer("best_of", best, samples.n(), MAX_SAMPLES)))
                .or(() -> samples.made() == 1 || options.maxNewTokens() > 0
                        ? Optional.empty()
                        : Optional.of("n and best_of: expected 1 where max_new_tokens is 0, found " + samples.made()));
    }

    private static Optional<String> reportProblem(ReportOptions report) {
        return report.logprobs()
                .flatMap(likeliest -> integer("logprobs", likeliest, 0, MAX_LIKELIEST))
                .or(() -> report.promptLogprobs()
                        .flatMap(likeliest -> integer("prompt_logprobs", likeliest, 0, MAX_LIKELIEST)));
    }

    private static Optional<String> taskProblem(GenerationOptions options) {
        return switch (options.task()) {
            case Task.Generate generate -> Optional.empty();
            case Task.Label label ->
                texts("label", label.answers(), MAX_CONTINUATIONS)
                        .or(() -> label.answers().size() >= 2
                                ? Optional.empty()
                                : Optional.of("label: expected at least 2 answers to compare, found "
                                        + label.answers().size()))
                        .or(() -> twiceProblem(label.answers()))
                        .or(() -> uselessProblem("label", options));
            case Task.Continuations continuations ->
                texts("continuations", continuations.texts(), MAX_CONTINUATIONS)
                        .or(() -> continuations.texts().isEmpty()
                                ? Optional.of("continuations: expected at least one, found none")
                                : Optional.empty())
                        .or(() -> uselessProblem("continuations", options));
            case Task.Embed embed -> uselessProblem("embed", options);
        };
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

    // ---------------------------------------------------------------------------------------------- values

    private static Optional<String> texts(String field, List<String> texts, int most) {
        for (int i = 0; i < texts.size(); i++) {
            Optional<String> problem = text(field + "[" + i + "]", texts.get(i));
            if (problem.isPresent()) {
                return problem;
            }
        }
        return count(field, texts.size(), most);
    }

    private static Optional<String> text(String field, String text) {
        if (text.isEmpty()) {
            return Optional.of(field + ": expected text, found none");
        }
        if (text.codePoints().anyMatch(c -> c <= 0xFFFF && Character.isSurrogate((char) c))) {
            return Optional.of(field + ": expected whole characters, found half a surrogate pair");
        }
        if (text.length() > MAX_STRING_CHARACTERS) {
            return Optional.of(
                    field + ": expected at most " + MAX_STRING_CHARACTERS + " characters, found " + text.length());
        }
        return Optional.empty();
    }

    /** Each is a token of the vocabulary. */
    Optional<String> ids(String field, List<Integer> ids) {
        for (int i = 0; i < ids.size(); i++) {
            Optional<String> problem = id(field + "[" + i + "]", ids.get(i));
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    private Optional<String> id(String field, int id) {
        return id >= 0 && id < vocabularySize
                ? Optional.empty()
                : Optional.of(field + ": expected a token id from 0 to " + (vocabularySize - 1) + ", found " + id);
    }

    private static Optional<String> integer(String field, int value, int least, int most) {
        if (value >= least && value <= most) {
            return Optional.empty();
        }
        String range = most == Integer.MAX_VALUE ? "at least " + least : least + " to " + most;
        return Optional.of(field + ": expected " + range + ", found " + value);
    }

    private static Optional<String> count(String field, int count, int most) {
        return count <= most
                ? Optional.empty()
                : Optional.of(field + ": expected at most " + most + ", found " + count);
    }

    private static Optional<String> share(String field, double value) {
        return number(field, value, 0, 1)
                .or(() -> value > 0
                        ? Optional.empty()
                        : Optional.of(field + ": expected a number above 0, found " + value));
    }

    /** NaN is in no range. */
    private static Optional<String> number(String field, double value, double least, double most) {
        return value >= least && value <= most
                ? Optional.empty()
                : Optional.of(
                        field + ": expected a number from " + plain(least) + " to " + plain(most) + ", found " + value);
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
