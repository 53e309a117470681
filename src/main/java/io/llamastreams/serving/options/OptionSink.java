package io.llamastreams.serving.options;

import java.util.List;
import java.util.Map;

/** Where options are written to: {@link OptionSource}'s other way. What is not wanted is not written. */
public interface OptionSink {
    void bool(String name, boolean value);

    void integer(String name, int value);

    void longInteger(String name, long value);

    void number(String name, double value);

    /** Of JSON too. */
    void text(String name, String value);

    void texts(String name, List<String> value);

    void tokenIds(String name, List<Integer> value);

    void biases(String name, Map<Integer, Double> value);

    void repetition(String name, EndingOptions.Repetition value);
}
