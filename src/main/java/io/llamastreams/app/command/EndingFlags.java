package io.llamastreams.app.command;

import io.llamastreams.serving.options.EndingOptions;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** When a text ends. */
final class EndingFlags {
    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "Most tokens to make (default: ${DEFAULT-VALUE}); the context may end the text sooner.")
    private int maxNewTokens = EndingOptions.DEFAULT_MAX_NEW_TOKENS;

    @Option(names = "--min-tokens", paramLabel = "N", description = "Tokens before which nothing ends the text.")
    private int minTokens;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; may be given several times.")
    private List<String> stop = List.of();

    @Option(names = "--stop-token-ids", split = ",", paramLabel = "ID", description = "End with one of these tokens.")
    private List<Integer> stopTokenIds = List.of();

    @Option(names = "--ignore-eos", description = "Go on after the model has ended the text.")
    private boolean ignoreEos;

    @Option(
            names = "--repetition-detection",
            split = ",",
            paramLabel = "TOKENS,TIMES",
            description = "End a text that repeats a pattern of at most so many tokens so many times, such as 16,8.")
    private List<Integer> repetition = List.of();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    EndingOptions options() {
        if (!repetition.isEmpty() && repetition.size() != 2) {
            throw new ParameterException(
                    command.commandLine(), "--repetition-detection: expected two numbers, found " + repetition.size());
        }
        return new EndingOptions(
                maxNewTokens,
                minTokens,
                stop,
                stopTokenIds,
                ignoreEos,
                repetition.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new EndingOptions.Repetition(repetition.get(0), repetition.get(1))));
    }
}
