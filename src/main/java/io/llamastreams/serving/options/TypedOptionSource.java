package io.llamastreams.serving.options;

import java.util.List;
import java.util.Optional;

/** A source whose values are of the options' own types already, as those of parsed flags and of generated records are. */
public interface TypedOptionSource extends OptionSource {

    /** The value, of the type that the option has; empty if it is not there. */
    <T> Optional<T> value(String name);

    @Override
    default boolean has(String name) {
        return value(name).isPresent();
    }

    @Override
    default Optional<Boolean> bool(String name) {
        return value(name);
    }

    @Override
    default Optional<Integer> integer(String name) {
        return value(name);
    }

    @Override
    default Optional<Long> longInteger(String name) {
        return value(name);
    }

    @Override
    default Optional<Double> number(String name) {
        return value(name);
    }

    @Override
    default Optional<String> text(String name) {
        return value(name);
    }

    @Override
    default Optional<String> json(String name) {
        return value(name);
    }

    @Override
    default Optional<List<String>> texts(String name) {
        return value(name);
    }

    @Override
    default Optional<List<String>> textOrTexts(String name) {
        return value(name);
    }

    @Override
    default Optional<List<Integer>> tokenIds(String name) {
        return value(name);
    }

    @Override
    default Optional<List<Integer>> someTokenIds(String name) {
        return value(name);
    }
}
