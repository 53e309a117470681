package io.llamastreams.serving.options;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What values an option takes: how they are read and written, checked without regard to other options, and told apart in a
 * request's digest. Immutable.
 *
 * @param kind what a value is made of
 * @param title what callers call it
 * @param range which values may be, in words; empty for all
 * @param reader from a source, by name
 * @param writer to a sink, by name
 * @param check says what is wrong with a value
 * @param canonical one text for each value; goes into digests, so what there is never changes
 * @param <T> a value; that of an option that may be absent is in an {@link Optional} elsewhere
 */
public record OptionType<T>(
        Kind kind,
        String title,
        String range,
        Reader<T> reader,
        Writer<T> writer,
        Check<T> check,
        Function<T, String> canonical) {

    /** What a value is made of, for sources that must know before they read, as flags do. */
    public enum Kind {
        NUMBER,
        INTEGER,
        LONG,
        SWITCH,
        /** A switch without which there is nothing. */
        MARK,
        TEXT,
        TEXTS,
        TOKEN_IDS,
        BIASES,
        REPETITION
    }

    interface Reader<T> {
        Optional<T> read(OptionSource source, String name);
    }

    interface Writer<T> {
        void write(OptionSink sink, String name, T value);
    }

    interface Check<T> {
        /** @param vocabularySize token ids are below */
        Optional<String> problem(String name, T value, int vocabularySize);
    }

    /** A number in a range with both its ends. */
    static OptionType<Double> number(double least, double most) {
        return new OptionType<>(
                Kind.NUMBER,
                "number",
                OptionProblems.plain(least) + " to " + OptionProblems.plain(most),
                OptionSource::number,
                OptionSink::number,
                (name, value, vocabularySize) -> OptionProblems.number(name, value, least, most),
                String::valueOf);
    }

    /** All of something or a part, but not nothing. */
    static OptionType<Double> fraction() {
        return new OptionType<>(
                Kind.NUMBER,
                "number",
                "above 0, up to 1",
                OptionSource::number,
                OptionSink::number,
                (name, value, vocabularySize) -> OptionProblems.fraction(name, value),
                String::valueOf);
    }

    static OptionType<Integer> integer(int least, int most) {
        return new OptionType<>(
                Kind.INTEGER,
                "integer",
                OptionProblems.range(least, most),
                OptionSource::integer,
                OptionSink::integer,
                (name, value, vocabularySize) -> OptionProblems.integer(name, value, least, most),
                String::valueOf);
    }

    static OptionType<Integer> integer(int least) {
        return integer(least, Integer.MAX_VALUE);
    }

    /** Any 64 bits. */
    static OptionType<Long> longInteger() {
        return new OptionType<>(
                Kind.LONG,
                "integer",
                "64 bits",
                OptionSource::longInteger,
                OptionSink::longInteger,
                (name, value, vocabularySize) -> Optional.empty(),
                String::valueOf);
    }

    static OptionType<Boolean> bool() {
        return new OptionType<>(
                Kind.SWITCH,
                "true or false",
                "",
                OptionSource::bool,
                OptionSink::bool,
                (name, value, vocabularySize) -> Optional.empty(),
                String::valueOf);
    }

    /** One of {@link Alternatives} that has no value but being wanted. */
    static OptionType<Boolean> mark() {
        return new OptionType<>(
                Kind.MARK,
                "true or false",
                "",
                (source, name) -> source.bool(name).filter(wanted -> wanted),
                OptionSink::bool,
                (name, value, vocabularySize) -> Optional.empty(),
                value -> "");
    }

    /** A text that is checked where it is compiled. */
    static OptionType<String> source() {
        return source("string", OptionSource::text);
    }

    /** The same in JSON. */
    static OptionType<String> jsonSource() {
        return source("object or string", OptionSource::json);
    }

    private static OptionType<String> source(String title, Reader<String> reader) {
        return new OptionType<>(
                Kind.TEXT,
                title,
                "",
                reader,
                OptionSink::text,
                (name, value, vocabularySize) -> Optional.empty(),
                CanonicalForm::text);
    }

    /** Texts that are checked where they are compiled. */
    static OptionType<List<String>> sources() {
        return texts("list of strings", "", OptionSource::texts, (name, value, vocabularySize) -> Optional.empty());
    }

    /** Texts that are not empty. */
    static OptionType<List<String>> texts(int most) {
        return texts("list of strings", textRange(most), OptionSource::texts, textCheck(most));
    }

    /** The same, of which one may be given without a list. */
    static OptionType<List<String>> textOrTexts(int most) {
        return texts("string or list of strings", textRange(most), OptionSource::textOrTexts, textCheck(most));
    }

    private static String textRange(int most) {
        return "at most " + most + ", each of 1 to " + OptionProblems.MAX_CHARACTERS + " characters";
    }

    private static Check<List<String>> textCheck(int most) {
        return (name, value, vocabularySize) -> OptionProblems.texts(name, value, most);
    }

    private static OptionType<List<String>> texts(
            String title, String range, Reader<List<String>> reader, Check<List<String>> check) {
        return new OptionType<>(
                Kind.TEXTS,
                title,
                range,
                reader,
                OptionSink::texts,
                check,
                value -> CanonicalForm.list(value, CanonicalForm::text));
    }

    static OptionType<List<Integer>> tokenIds(int most) {
        return new OptionType<>(
                Kind.TOKEN_IDS,
                "list of token ids",
                "at most " + most + ", of the vocabulary",
                OptionSource::tokenIds,
                OptionSink::tokenIds,
                (name, value, vocabularySize) -> OptionProblems.count(name, value.size(), most)
                        .or(() -> OptionProblems.tokenIds(name, value, vocabularySize)),
                value -> CanonicalForm.list(value, String::valueOf));
    }

    /** Token ids without which there are all. */
    static OptionType<List<Integer>> someTokenIds() {
        return new OptionType<>(
                Kind.TOKEN_IDS,
                "list of token ids",
                "at least 1, of the vocabulary",
                OptionSource::someTokenIds,
                OptionSink::tokenIds,
                (name, value, vocabularySize) -> OptionProblems.count(name, value.size(), vocabularySize)
                        .or(() -> OptionProblems.tokenIds(name, value, vocabularySize)),
                value -> CanonicalForm.list(value, String::valueOf));
    }

    /** Numbers by token id. */
    static OptionType<Map<Integer, Double>> biases(double least, double most) {
        return new OptionType<>(
                Kind.BIASES,
                "object of numbers by token id",
                "each " + OptionProblems.plain(least) + " to " + OptionProblems.plain(most),
                OptionSource::biases,
                OptionSink::biases,
                (name, value, vocabularySize) -> OptionProblems.biases(name, value, least, most, vocabularySize),
                value -> CanonicalForm.list(
                        value.entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .toList(),
                        entry -> entry.getKey() + ":" + entry.getValue()));
    }

    static OptionType<EndingOptions.Repetition> repetition(int maxPatternTokens, int maxRepetitions) {
        return new OptionType<>(
                Kind.REPETITION,
                "object of `max_pattern_tokens` and `repetitions`",
                "1 to " + maxPatternTokens + ", 2 to " + maxRepetitions,
                OptionSource::repetition,
                OptionSink::repetition,
                (name, value, vocabularySize) -> OptionProblems.integer(
                                name + ".max_pattern_tokens", value.maxPatternTokens(), 1, maxPatternTokens)
                        .or(() ->
                                OptionProblems.integer(name + ".repetitions", value.repetitions(), 2, maxRepetitions)),
                value -> value.maxPatternTokens() + ":" + value.repetitions());
    }

    /** A number of likeliest tokens, or true for none of them besides the one that stands there. */
    static OptionType<Integer> likeliest(int most) {
        return likeliest(Kind.INTEGER, "true, false or integer", most, OptionSource::likeliest, OptionSink::integer);
    }

    /** The same where it is only a switch in flags and records, which have the number under another name. */
    static OptionType<Integer> likeliestSwitch(int most) {
        return likeliest(
                Kind.SWITCH,
                "true, false or integer",
                most,
                OptionSource::likeliest,
                (sink, name, value) -> sink.bool(name, true));
    }

    /** That number. It is the same option, and without a meaning where the switch is off. */
    static OptionType<Integer> likeliestBeside(String switchName, int most) {
        return likeliest(
                Kind.INTEGER,
                "integer",
                most,
                (source, name) -> source.isSwitchedOff(switchName) ? Optional.empty() : source.integer(name),
                OptionSink::integer);
    }

    private static OptionType<Integer> likeliest(
            Kind kind, String title, int most, Reader<Integer> reader, Writer<Integer> writer) {
        return new OptionType<>(
                kind,
                title,
                OptionProblems.range(0, most),
                reader,
                writer,
                (name, value, vocabularySize) -> OptionProblems.integer(name, value, 0, most),
                String::valueOf);
    }
}
