package io.llamastreams.serving.options;

import java.util.List;
import java.util.Optional;

/**
 * Options of which a request has at most one, in the order in which they are told. Immutable.
 *
 * @param name of them all, in a digest
 */
public record Alternatives(String name, List<RequestOption<?>> options) {

    /** The options with the one that the source has; of several, which is a conflict, the first. */
    GenerationOptions read(OptionSource source, GenerationOptions before) {
        List<RequestOption<?>> given =
                options.stream().filter(option -> option.isGiven(source)).toList();
        if (given.size() > 1) {
            source.conflict(this, given);
        }
        return given.isEmpty() ? before : given.getFirst().read(source, before);
    }

    /** Name and value of the one that there is, for a digest. */
    public Optional<String> canonicalValue(GenerationOptions wanted) {
        return options.stream()
                .filter(option -> option.value(wanted).isPresent())
                .findFirst()
                .map(option -> option.name() + option.canonicalValue(wanted).orElse(""));
    }
}
