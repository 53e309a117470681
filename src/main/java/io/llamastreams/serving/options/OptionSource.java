package io.llamastreams.serving.options;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where options are read from: a request line, flags, a record. Names are those of {@link RequestOption}; a value that is not
 * there is empty. A source whose values may be of wrong types throws what its reader expects.
 */
public interface OptionSource {
    boolean has(String name);

    Optional<Boolean> bool(String name);

    Optional<Integer> integer(String name);

    Optional<Long> longInteger(String name);

    Optional<Double> number(String name);

    Optional<String> text(String name);

    /** JSON, as it is or as a text. */
    Optional<String> json(String name);

    Optional<List<String>> texts(String name);

    /** A single one may stand for a list. */
    Optional<List<String>> textOrTexts(String name);

    Optional<List<Integer>> tokenIds(String name);

    /** Of which an empty list would leave nothing; where lists are never absent, empty ones are. */
    Optional<List<Integer>> someTokenIds(String name);

    Optional<Map<Integer, Double>> biases(String name);

    Optional<EndingOptions.Repetition> repetition(String name);

    /** A number of likeliest tokens, or a switch, which stands for 0 of them. */
    Optional<Integer> likeliest(String name);

    /** Whether such a switch says that they are not wanted. */
    boolean isSwitchedOff(String name);

    /** Told when there is more than one of options that exclude each other; if this returns, the first is taken. */
    void conflict(Alternatives alternatives, List<RequestOption<?>> given);
}
