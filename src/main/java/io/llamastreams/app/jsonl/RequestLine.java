package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import java.util.Map;
import java.util.Optional;

/** What a line of a request file says. */
public sealed interface RequestLine {

    /** Name of the request: the line's own, or {@code line-N} where it has none that can be read. */
    String id();

    /** The right answer, if the line has one, as it stands there: for those who measure, never for the model. */
    Optional<JsonNode> expected();

    /** What the prompt says, for people: its text, or the last message of a dialogue; token ids say nothing. */
    String question();

    /** What the caller wants to have back with the answer. */
    Map<String, String> attributes();

    /** A request; whether it can be served is for the engine to say. */
    record Accepted(Prompt prompt, Optional<JsonNode> expected) implements RequestLine {
        @Override
        public String id() {
            return prompt.id();
        }

        @Override
        public String question() {
            return switch (prompt.input()) {
                case PromptInput.Text text -> text.text();
                case PromptInput.Messages messages ->
                    messages.messages().isEmpty()
                            ? ""
                            : messages.messages().getLast().content();
                case PromptInput.Tokens ignored -> "";
            };
        }

        @Override
        public Map<String, String> attributes() {
            return prompt.attributes();
        }
    }

    /**
     * A line that is no request.
     *
     * @param reason names the line, the field, what was expected and what was found
     */
    record Refused(String id, String reason, Optional<JsonNode> expected) implements RequestLine {
        @Override
        public String question() {
            return "";
        }

        @Override
        public Map<String, String> attributes() {
            return Map.of();
        }

        /** How such a request ends. */
        public Generation generation() {
            return Generation.rejected(id, reason);
        }
    }
}
