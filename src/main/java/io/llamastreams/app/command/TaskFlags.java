package io.llamastreams.app.command;

import io.llamastreams.serving.options.Task;
import java.util.List;
import picocli.CommandLine.Option;

/** What else to do with a prompt than to continue it; one of them. */
final class TaskFlags {
    @Option(
            names = "--label",
            required = true,
            paramLabel = "TEXT",
            description = "Instead of making a text, compare these answers: given several times.")
    private List<String> label;

    @Option(
            names = "--continuation",
            required = true,
            paramLabel = "TEXT",
            description = "Instead of making a text, tell how likely this one is; may be given several times.")
    private List<String> continuations;

    @Option(names = "--embed", required = true, description = "Instead of making a text, print the prompt's embedding.")
    private boolean embed;

    /** The one that was given. */
    Task task() {
        if (label != null) {
            return new Task.Label(label);
        }
        if (continuations != null) {
            return new Task.Continuations(continuations);
        }
        return embed ? new Task.Embed() : new Task.Generate();
    }
}
