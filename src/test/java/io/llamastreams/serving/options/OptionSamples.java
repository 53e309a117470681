package io.llamastreams.serving.options;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One value of each kind that is no option's default, from a source, as JSON and as flags. */
public final class OptionSamples {
    private OptionSamples() {}

    /** The defaults, but for this option. */
    public static GenerationOptions with(RequestOption<?> option) {
        return option.read(new One(option.name()), GenerationOptions.DEFAULT);
    }

    public static String json(RequestOption<?> option) {
        return switch (option.type().kind()) {
            case NUMBER -> "0.25";
            case INTEGER, LONG -> "3";
            case SWITCH, MARK -> "true";
            case TEXT -> "\"a\"";
            case TEXTS -> "[\"a\",\"b\"]";
            case TOKEN_IDS -> "[5,7]";
            case BIASES -> "{\"5\":0.25}";
            case REPETITION -> "{\"max_pattern_tokens\":3,\"repetitions\":4}";
        };
    }

    public static List<String> flags(RequestOption<?> option) {
        String flag = option.flag().name();
        return switch (option.type().kind()) {
            case NUMBER -> List.of(flag, "0.25");
            case INTEGER, LONG -> List.of(flag, "3");
            case SWITCH, MARK -> List.of(flag);
            case TEXT -> List.of(flag, "a");
            case TEXTS -> List.of(flag, "a", flag, "b");
            case TOKEN_IDS -> List.of(flag, "5,7");
            case BIASES -> List.of(flag, "5=0.25");
            case REPETITION -> List.of(flag, "3,4");
        };
    }

    /** Has one option. */
    private record One(String option) implements OptionSource {
        private <T> Optional<T> sample(String name, T value) {
            return has(name) ? Optional.of(value) : Optional.empty();
        }

        @Override
        public boolean has(String name) {
            return name.equals(option);
        }

        @Override
        public Optional<Boolean> bool(String name) {
            return sample(name, true);
        }

        @Override
        public Optional<Integer> integer(String name) {
            return sample(name, 3);
        }

        @Override
        public Optional<Long> longInteger(String name) {
            return sample(name, 3L);
        }

        @Override
        public Optional<Double> number(String name) {
            return sample(name, 0.25);
        }

        @Override
        public Optional<String> text(String name) {
            return sample(name, "a");
        }

        @Override
        public Optional<String> json(String name) {
            return sample(name, "a");
        }

        @Override
        public Optional<List<String>> texts(String name) {
            return sample(name, List.of("a", "b"));
        }

        @Override
        public Optional<List<String>> textOrTexts(String name) {
            return texts(name);
        }

        @Override
        public Optional<List<Integer>> tokenIds(String name) {
            return sample(name, List.of(5, 7));
        }

        @Override
        public Optional<List<Integer>> someTokenIds(String name) {
            return tokenIds(name);
        }

        @Override
        public Optional<Map<Integer, Double>> biases(String name) {
            return sample(name, Map.of(5, 0.25));
        }

        @Override
        public Optional<EndingOptions.Repetition> repetition(String name) {
            return sample(name, new EndingOptions.Repetition(3, 4));
        }

        /** A switch where it has another option for the number. */
        @Override
        public Optional<Integer> likeliest(String name) {
            return sample(name, name.equals("logprobs") ? 0 : 3);
        }

        @Override
        public boolean isSwitchedOff(String name) {
            return false;
        }

        @Override
        public void conflict(Alternatives alternatives, List<RequestOption<?>> given) {
            throw new IllegalStateException(given.toString());
        }
    }
}
