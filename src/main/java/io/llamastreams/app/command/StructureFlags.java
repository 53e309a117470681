package io.llamastreams.app.command;

import io.llamastreams.serving.options.Structure;
import java.util.List;
import picocli.CommandLine.Option;

/** The form that a text must have; one of them. */
final class StructureFlags {
    @Option(
            names = "--json-schema",
            required = true,
            paramLabel = "SCHEMA",
            description = "Make JSON that is valid under this JSON Schema.")
    private String jsonSchema;

    @Option(names = "--json-object", required = true, description = "Make a JSON object.")
    private boolean jsonObject;

    @Option(
            names = "--regex",
            required = true,
            paramLabel = "REGEX",
            description = "Make a text that this regular expression matches as a whole.")
    private String regex;

    @Option(
            names = "--choice",
            required = true,
            paramLabel = "TEXT",
            description = "Make one of these texts; given several times.")
    private List<String> choice;

    @Option(
            names = "--grammar",
            required = true,
            paramLabel = "GBNF",
            description = "Make a text of this grammar, as llama.cpp writes them.")
    private String grammar;

    /** The one that was given. */
    Structure structure() {
        if (jsonSchema != null) {
            return new Structure.JsonSchema(jsonSchema);
        }
        if (jsonObject) {
            return new Structure.JsonObject();
        }
        if (regex != null) {
            return new Structure.Regex(regex);
        }
        return choice != null ? new Structure.Choice(choice) : new Structure.Grammar(grammar);
    }
}
