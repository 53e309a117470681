package io.llamastreams.app.reproduce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.LineageFields;
import java.util.Optional;
import java.util.Set;

/**
 * A completion as it was recorded.
 *
 * @param line in the form that {@code collect} and {@code batch} write
 * @param lineage where it comes from; empty if it does not say
 */
public record Recorded(ObjectNode line, Optional<LineageFields> lineage) {
    private static final Set<String> WITH_WHOLE_ANSWER = Set.of("SUCCEEDED");
    private static final Set<String> WITH_PART_OF_ANSWER = Set.of("CANCELLED", "EXPIRED");

    static Recorded of(ObjectNode line) {
        return new Recorded(line, LineageFields.read(line));
    }

    public String id() {
        return line.path("id").asText();
    }

    /** Whether it has something to be made again. */
    boolean hasAnswer() {
        return WITH_WHOLE_ANSWER.contains(status())
                || endedEarly() && !line.path("ids").isEmpty();
    }

    /** Whether it was ended from outside: then it has the beginning of a text. */
    boolean endedEarly() {
        return WITH_PART_OF_ANSWER.contains(status());
    }

    String status() {
        return line.path("status").asText();
    }
}
