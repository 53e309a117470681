package io.llamastreams.app.command;

import io.llamastreams.serving.GenerationOptions;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a text is made: the request line's fields as options. Ranges are checked where prompts are served. */
final class SamplingOptions {
    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "Most tokens to make (default: ${DEFAULT-VALUE}); the context may end the text sooner.")
    private int maxNewTokens = GenerationOptions.DEFAULT_MAX_NEW_TOKENS;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 takes the likeliest token each time (default: ${DEFAULT-VALUE}).")
    private double temperature = GenerationOptions.DEFAULT.temperature();

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K likeliest tokens only; 0 for all.")
    private int topK = GenerationOptions.DEFAULT.topK();

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw from the smallest set of tokens whose probabilities add up to P; 1 for all.")
    private double topP = GenerationOptions.DEFAULT.topP();

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Draw from tokens at least P times as likely as the likeliest; 0 for all.")
    private double minP = GenerationOptions.DEFAULT.minP();

    @Option(names = "--seed", paramLabel = "S", description = "Of the random numbers. Equal seeds give equal texts.")
    private Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; may be given several times.")
    private List<String> stop = List.of();

    @Option(names = "--stop-token-ids", split = ",", paramLabel = "ID", description = "End with one of these tokens.")
    private List<Integer> stopTokenIds = List.of();

    @Option(names = "--ignore-eos", description = "Go on after the model has ended the text.")
    private boolean ignoreEos;

    @Option(names = "--logprobs", description = "Report the log-probability of each token.")
    private boolean logprobs;

    GenerationOptions options() {
        return new GenerationOptions(
                maxNewTokens,
                temperature,
                topK,
                topP,
                minP,
                Optional.ofNullable(seed),
                stop,
                stopTokenIds,
                ignoreEos,
                logprobs);
    }
}
