package io.llamastreams.serving.options;

import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * An option of a request, told once: all that reads, checks, writes, digests or explains options walks over
 * {@link RequestOptions}. Immutable.
 *
 * @param name as in a request line; records have it in camel case
 * @param type of its values
 * @param place where the value stands among all options
 * @param flag on the command line
 * @param meaning in one sentence, as the record's schema has it
 * @param rules what depends on others
 * @param digestLine whether it counts in a request's digest
 */
public record RequestOption<T>(
        String name,
        OptionType<T> type,
        Place<T> place,
        Flag flag,
        String meaning,
        Conditions<T> rules,
        DigestLine digestLine) {

    /**
     * Reads and replaces one value.
     *
     * @param get empty where it is not wanted
     */
    record Place<T>(
            Function<GenerationOptions, Optional<T>> get, BiFunction<GenerationOptions, T, GenerationOptions> with) {}

    /**
     * Its flag on the command line.
     *
     * @param name with its dashes
     * @param label of the value; empty if it has none
     * @param help one sentence; {@code ${DEFAULT-VALUE}} stands for the default
     */
    public record Flag(String name, String label, String help) {}

    /**
     * What may be said only with an eye on other options.
     *
     * @param type narrows the range
     * @param problem asked when the value is in range, also where it is not wanted
     */
    record Conditions<T>(
            Function<GenerationOptions, OptionType<T>> type, Function<GenerationOptions, Optional<String>> problem) {}

    /** Whether requests that differ in it alone have different digests. */
    public enum DigestLine {
        /** It changes the text, or what is told of it. */
        ALWAYS,
        /** The same, for options that came after digests of requests without them had been recorded. */
        UNLESS_DEFAULT,
        /** It changes nothing, or says in another way what another option says. */
        NEVER
    }

    /** An option that is digested always, and has nothing to do with others. */
    static <T> RequestOption<T> of(
            String name, OptionType<T> type, Place<T> place, String label, String help, String meaning) {
        return new RequestOption<>(
                name,
                type,
                place,
                new Flag("--" + name.replace('_', '-'), label, help),
                meaning,
                new Conditions<>(options -> type, options -> Optional.empty()),
                DigestLine.ALWAYS);
    }

    RequestOption<T> withFlagName(String newName) {
        return new RequestOption<>(
                name, type, place, new Flag(newName, flag.label(), flag.help()), meaning, rules, digestLine);
    }

    /** With a range that other options narrow. */
    RequestOption<T> within(Function<GenerationOptions, OptionType<T>> range) {
        return new RequestOption<>(
                name, type, place, flag, meaning, new Conditions<>(range, rules.problem()), digestLine);
    }

    RequestOption<T> obeying(Function<GenerationOptions, Optional<String>> rule) {
        return new RequestOption<>(name, type, place, flag, meaning, new Conditions<>(rules.type(), rule), digestLine);
    }

    RequestOption<T> digested(DigestLine newDigestLine) {
        return new RequestOption<>(name, type, place, flag, meaning, rules, newDigestLine);
    }

    /** What holds where it is not given; empty for nothing. */
    public Optional<T> defaultValue() {
        return place.get().apply(GenerationOptions.DEFAULT);
    }

    public Optional<T> value(GenerationOptions options) {
        return place.get().apply(options);
    }

    /** Whether a source has it; one that says it is not wanted has not. */
    public boolean isGiven(OptionSource source) {
        return source.has(name)
                && (type.kind() != OptionType.Kind.MARK
                        || type.reader().read(source, name).isPresent());
    }

    /** The options with the value that the source has, if it has one. */
    public GenerationOptions read(OptionSource source, GenerationOptions options) {
        return type.reader()
                .read(source, name)
                .map(value -> place.with().apply(options, value))
                .orElse(options);
    }

    /** Writes the value, if it is wanted. */
    public void write(GenerationOptions options, OptionSink sink) {
        value(options).ifPresent(value -> type.writer().write(sink, name, value));
    }

    /**
     * What is wrong with it: the field as callers write it, what was expected and what was found.
     *
     * @param vocabularySize token ids are below
     */
    public Optional<String> problem(GenerationOptions options, int vocabularySize) {
        return value(options)
                .flatMap(value -> rules.type().apply(options).check().problem(name, value, vocabularySize))
                .or(() -> rules.problem().apply(options));
    }

    /** The value as it stands in a digest's canonical form; empty if it has no line there. */
    public Optional<String> canonicalValue(GenerationOptions options) {
        boolean counts = switch (digestLine) {
            case ALWAYS -> true;
            case UNLESS_DEFAULT -> !value(options).equals(defaultValue());
            case NEVER -> false;
        };
        return counts ? Optional.of(value(options).map(type.canonical()).orElse("-")) : Optional.empty();
    }
}
