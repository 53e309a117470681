package io.llamastreams.serving.options;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is wrong with a value: the field as callers write it, what was expected and what was found. Stateless. */
public final class OptionProblems {
    static final int MAX_CHARACTERS = 1024;

    private OptionProblems() {}

    static Optional<String> integer(String field, int value, int least, int most) {
        return value >= least && value <= most
                ? Optional.empty()
                : Optional.of(field + ": expected " + range(least, most) + ", found " + value);
    }

    static String range(int least, int most) {
        return most == Integer.MAX_VALUE ? "at least " + least : least + " to " + most;
    }

    /** NaN is in no range. */
    static Optional<String> number(String field, double value, double least, double most) {
        return value >= least && value <= most
                ? Optional.empty()
                : Optional.of(
                        field + ": expected a number from " + plain(least) + " to " + plain(most) + ", found " + value);
    }

    /** A number above 0 and up to 1. */
    static Optional<String> fraction(String field, double value) {
        return number(field, value, 0, 1)
                .or(() -> value > 0
                        ? Optional.empty()
                        : Optional.of(field + ": expected a number above 0, found " + value));
    }

    static String plain(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }

    static Optional<String> texts(String field, List<String> texts, int most) {
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
        if (text.length() > MAX_CHARACTERS) {
            return Optional.of(field + ": expected at most " + MAX_CHARACTERS + " characters, found " + text.length());
        }
        return Optional.empty();
    }

    static Optional<String> count(String field, int count, int most) {
        return count <= most
                ? Optional.empty()
                : Optional.of(field + ": expected at most " + most + ", found " + count);
    }

    /** Each is a token of the vocabulary. */
    public static Optional<String> tokenIds(String field, List<Integer> ids, int vocabularySize) {
        for (int i = 0; i < ids.size(); i++) {
            Optional<String> problem = tokenId(field + "[" + i + "]", ids.get(i), vocabularySize);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    static Optional<String> tokenId(String field, int id, int vocabularySize) {
        return id >= 0 && id < vocabularySize
                ? Optional.empty()
                : Optional.of(field + ": expected a token id from 0 to " + (vocabularySize - 1) + ", found " + id);
    }

    /** In the order of the ids, so that of several problems always the same is named. */
    static Optional<String> biases(
            String field, Map<Integer, Double> biases, double least, double most, int vocabularySize) {
        return biases.keySet().stream()
                .sorted()
                .flatMap(
                        id -> tokenId(field, id, vocabularySize)
                                .or(() -> number(field + "." + id, biases.get(id), least, most))
                                .stream())
                .findFirst();
    }
}
