package io.llamastreams.app.jsonl;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;

/** What a line of a request file says. */
public sealed interface RequestLine {

    /** Name of the request: the line's own, or {@code line-N} where it has none that can be read. */
    String id();

    /** A request; whether it can be served is for the engine to say. */
    record Accepted(Prompt prompt) implements RequestLine {
        @Override
        public String id() {
            return prompt.id();
        }
    }

    /**
     * A line that is no request.
     *
     * @param reason names the line, the field, what was expected and what was found
     */
    record Refused(String id, String reason) implements RequestLine {
        /** How such a request ends. */
        public Generation generation() {
            return Generation.rejected(id, reason);
        }
    }
}
