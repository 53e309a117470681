package io.llamastreams.topology.serde;

import io.llamastreams.registry.GeneratedRecords;
import io.llamastreams.schema.PromptRequest;
import io.llamastreams.schema.RepetitionDetection;
import io.llamastreams.schema.TokenBias;
import io.llamastreams.serving.options.Alternatives;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.OptionSink;
import io.llamastreams.serving.options.RequestOption;
import io.llamastreams.serving.options.RequestOptions;
import io.llamastreams.serving.options.TypedOptionSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The options of a record, which has them under their names in camel case. A field that has its default is not there: the
 * schema cannot tell it from one that nobody set. One thread.
 */
final class AvroOptions implements TypedOptionSource, OptionSink {
    static {
        GeneratedRecords.trust();
    }

    private static final PromptRequest DEFAULTS =
            PromptRequest.newBuilder().setId("").build();
    private static final Map<String, Integer> POSITIONS = RequestOptions.ALL.stream()
            .map(RequestOption::name)
            .collect(Collectors.toUnmodifiableMap(
                    name -> name,
                    name -> DEFAULTS.getSchema().getField(fieldName(name)).pos()));

    private final PromptRequest record;
    private Optional<String> conflict = Optional.empty();
    private boolean biasedTwice;

    AvroOptions(PromptRequest record) {
        this.record = record;
    }

    /** Of an option, as the schema has it. */
    static String fieldName(String name) {
        StringBuilder camelCase = new StringBuilder();
        for (String word : name.split("_")) {
            camelCase.append(camelCase.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return camelCase.toString();
    }

    GenerationOptions read() {
        return RequestOptions.read(this);
    }

    /** Into a record that is new. */
    void write(GenerationOptions options) {
        RequestOptions.write(options, this);
    }

    /** What is wrong with what was read, beyond values: there was more than one where one is wanted. */
    Optional<String> fault() {
        return conflict.isPresent() || !biasedTwice
                ? conflict
                : Optional.of("logitBias: expected each token once, found one twice");
    }

    // --- from the record

    /** The schema says of which type the value is. */
    @SuppressWarnings("unchecked")
    @Override
    public <T> Optional<T> value(String name) {
        int position = POSITIONS.get(name);
        Object value = record.get(position);
        return value == null || value.equals(DEFAULTS.get(position)) ? Optional.empty() : Optional.of((T) value);
    }

    @Override
    public Optional<Map<Integer, Double>> biases(String name) {
        return this.<List<TokenBias>>value(name).map(tokens -> {
            Map<Integer, Double> biases = new HashMap<>();
            for (TokenBias token : tokens) {
                biasedTwice |= biases.put(token.getToken(), token.getBias()) != null;
            }
            return biases;
        });
    }

    @Override
    public Optional<EndingOptions.Repetition> repetition(String name) {
        return this.<RepetitionDetection>value(name)
                .map(limit -> new EndingOptions.Repetition(limit.getMaxPatternTokens(), limit.getRepetitions()));
    }

    @Override
    public Optional<Integer> likeliest(String name) {
        // a switch that is off has its default and is not there
        return value(name).map(value -> value instanceof Integer likeliest ? likeliest : 0);
    }

    /** A record has a switch that is off where nobody set it. */
    @Override
    public boolean isSwitchedOff(String name) {
        return false;
    }

    @Override
    public void conflict(Alternatives alternatives, List<RequestOption<?>> given) {
        if (conflict.isEmpty()) {
            List<String> names = fieldNames(alternatives.options());
            conflict = Optional.of("expected at most one of "
                    + String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast() + ", found "
                    + String.join(" and ", fieldNames(given)));
        }
    }

    private static List<String> fieldNames(List<RequestOption<?>> options) {
        return options.stream().map(option -> fieldName(option.name())).toList();
    }

    // --- to the record

    private void put(String name, Object value) {
        record.put(POSITIONS.get(name), value);
    }

    @Override
    public void bool(String name, boolean value) {
        put(name, value);
    }

    @Override
    public void integer(String name, int value) {
        put(name, value);
    }

    @Override
    public void longInteger(String name, long value) {
        put(name, value);
    }

    @Override
    public void number(String name, double value) {
        put(name, value);
    }

    @Override
    public void text(String name, String value) {
        put(name, value);
    }

    @Override
    public void texts(String name, List<String> value) {
        put(name, value);
    }

    @Override
    public void tokenIds(String name, List<Integer> value) {
        put(name, value);
    }

    /** In the order of the ids: equal options are equal records. */
    @Override
    public void biases(String name, Map<Integer, Double> value) {
        put(
                name,
                value.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> new TokenBias(entry.getKey(), entry.getValue()))
                        .toList());
    }

    @Override
    public void repetition(String name, EndingOptions.Repetition value) {
        put(name, new RepetitionDetection(value.maxPatternTokens(), value.repetitions()));
    }
}
