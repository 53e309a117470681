package io.llamastreams.serving.options;

import java.util.List;

/** The form that a text must have. */
public sealed interface Structure {

    /** A JSON value that is valid under this schema, which is JSON itself. */
    record JsonSchema(String schema) implements Structure {}

    /** Any JSON object. */
    record JsonObject() implements Structure {}

    /** A text that this regular expression matches as a whole. */
    record Regex(String expression) implements Structure {}

    /** One of these texts. */
    record Choice(List<String> texts) implements Structure {
        public Choice {
            texts = List.copyOf(texts);
        }
    }

    /** A text of this grammar, in llama.cpp's GBNF, whose start is the rule {@code root}. */
    record Grammar(String gbnf) implements Structure {}
}
