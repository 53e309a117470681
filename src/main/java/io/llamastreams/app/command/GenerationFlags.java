package io.llamastreams.app.command;

import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is made, and how: the request line's fields as options. Ranges are checked where prompts are served. */
final class GenerationFlags {
    @Mixin
    private EndingFlags ending;

    @Mixin
    private SamplingFlags sampling;

    @Option(names = "--n", paramLabel = "N", description = "How many texts to make (default: ${DEFAULT-VALUE}).")
    private int n = 1;

    @Option(
            names = "--best-of",
            paramLabel = "M",
            description = "Make M texts and print the N with the highest mean log-probability of a token, best first.")
    private Integer bestOf;

    @Option(names = "--logprobs", description = "Report the log-probability of each token.")
    private boolean logprobs;

    @Option(
            names = "--top-logprobs",
            paramLabel = "K",
            description = "Report the log-probabilities of the K likeliest tokens at each place besides.")
    private Integer topLogprobs;

    @Option(
            names = "--prompt-logprobs",
            paramLabel = "K",
            description =
                    "Report the log-probability of each token of the prompt, and of the K likeliest at its place.")
    private Integer promptLogprobs;

    @ArgGroup
    private StructureFlags structure;

    @ArgGroup
    private TaskFlags task;

    GenerationOptions options() {
        GenerationOptions options = new GenerationOptions(
                GenerationOptions.DEFAULT.task(),
                new SampleOptions(n, Optional.ofNullable(bestOf)),
                sampling.options(),
                ending.options(),
                report(),
                Optional.ofNullable(structure).map(StructureFlags::structure));
        return task == null ? options : options.withTask(task.task());
    }

    private ReportOptions report() {
        Optional<Integer> likeliest = Optional.ofNullable(topLogprobs);
        return new ReportOptions(
                likeliest.or(() -> logprobs ? Optional.of(0) : Optional.empty()), Optional.ofNullable(promptLogprobs));
    }
}
