package io.llamastreams.app.command;

import io.llamastreams.serving.options.Alternatives;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.RequestOption;
import io.llamastreams.serving.options.RequestOptions;
import io.llamastreams.serving.options.TypedOptionSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * What is made, and how: the request line's fields as flags. Ranges are checked where prompts are served. A flag that was not
 * given has no value.
 */
final class GenerationFlags implements TypedOptionSource {
    private static final String DEFAULT_VALUE = "${DEFAULT-VALUE}";

    private final Map<String, OptionSpec> flags = new HashMap<>();
    private final CommandSpec spec = CommandSpec.create();

    GenerationFlags() {
        spec.addArgGroup(oneOf(RequestOptions.STRUCTURE));
        spec.addArgGroup(oneOf(RequestOptions.TASK));
        for (RequestOption<?> option : RequestOptions.ALL) {
            if (!flags.containsKey(option.name())) {
                spec.addOption(add(option, false));
            }
        }
    }

    /** To be mixed into a command's. */
    CommandSpec spec() {
        return spec;
    }

    GenerationOptions options() {
        return RequestOptions.read(this);
    }

    private ArgGroupSpec oneOf(Alternatives alternatives) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder();
        alternatives.options().forEach(option -> group.addArg(add(option, true)));
        return group.build();
    }

    /** @param inGroup where one of the flags is needed for the group to be there */
    private OptionSpec add(RequestOption<?> option, boolean inGroup) {
        OptionSpec.Builder flag = OptionSpec.builder(option.flag().name())
                .required(inGroup)
                .description(option.flag()
                        .help()
                        .replace(
                                DEFAULT_VALUE,
                                option.defaultValue().map(String::valueOf).orElse("none")));
        if (!option.flag().label().isEmpty()) {
            flag.paramLabel(option.flag().label());
        }
        switch (option.type().kind()) {
            case NUMBER -> flag.type(double.class);
            case INTEGER -> flag.type(int.class);
            case LONG -> flag.type(long.class);
            case SWITCH, MARK -> flag.type(boolean.class);
            case TEXT -> flag.type(String.class);
            case TEXTS -> flag.type(List.class).auxiliaryTypes(String.class);
            case TOKEN_IDS, REPETITION ->
                flag.type(List.class).auxiliaryTypes(Integer.class).splitRegex(",");
            case BIASES ->
                flag.type(Map.class).auxiliaryTypes(Integer.class, Double.class).splitRegex(",");
        }
        OptionSpec built = flag.build();
        flags.put(option.name(), built);
        return built;
    }

    @Override
    public <T> Optional<T> value(String name) {
        return Optional.ofNullable(flags.get(name).<T>getValue());
    }

    @Override
    public Optional<Map<Integer, Double>> biases(String name) {
        return value(name);
    }

    @Override
    public Optional<EndingOptions.Repetition> repetition(String name) {
        return this.<List<Integer>>value(name).map(numbers -> {
            if (numbers.size() != 2) {
                OptionSpec flag = flags.get(name);
                throw new ParameterException(
                        flag.command().commandLine(),
                        flag.longestName() + ": expected two numbers, found " + numbers.size());
            }
            return new EndingOptions.Repetition(numbers.get(0), numbers.get(1));
        });
    }

    @Override
    public Optional<Integer> likeliest(String name) {
        return value(name).flatMap(value -> switch (value) {
            case Boolean wanted -> wanted ? Optional.of(0) : Optional.empty();
            case Integer likeliest -> Optional.of(likeliest);
            default -> throw new IllegalStateException(name + ": expected a switch or a number, found " + value);
        });
    }

    /** A switch is there to be set: whoever gives a number beside it means the number. */
    @Override
    public boolean isSwitchedOff(String name) {
        return false;
    }

    @Override
    public void conflict(Alternatives alternatives, List<RequestOption<?>> given) {
        throw new IllegalStateException("expected at most one flag of " + alternatives.name() + ", found " + given);
    }
}
