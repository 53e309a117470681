package io.llamastreams.app.command;

import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.TokenOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How tokens are drawn. */
final class SamplingFlags {
    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 takes the likeliest token each time (default: ${DEFAULT-VALUE}).")
    private double temperature = SamplingOptions.GREEDY.temperature();

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K likeliest tokens only; 0 for all.")
    private int topK = SamplingOptions.GREEDY.topK();

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw from the smallest set of tokens whose probabilities add up to P; 1 for all.")
    private double topP = SamplingOptions.GREEDY.topP();

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Draw from tokens at least P times as likely as the likeliest; 0 for all.")
    private double minP = SamplingOptions.GREEDY.minP();

    @Option(
            names = "--typical-p",
            paramLabel = "P",
            description =
                    "Draw from the tokens that surprise as much as is expected, up to P in probability; 1 for all.")
    private double typicalP = SamplingOptions.GREEDY.typicalP();

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            description = "Make tokens of prompt and text less likely: logits are divided by R, or multiplied below 0.")
    private double repetitionPenalty = PenaltyOptions.NONE.repetition();

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "Take X from the logits of tokens of the text.")
    private double presencePenalty = PenaltyOptions.NONE.presence();

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "Take X from the logits of tokens of the text for each time they occurred.")
    private double frequencyPenalty = PenaltyOptions.NONE.frequency();

    @Option(
            names = "--logit-bias",
            split = ",",
            paramLabel = "ID=X",
            description = "Add X to the logit of a token, such as 13=-5,29871=2.")
    private Map<Integer, Double> logitBias = Map.of();

    @Option(
            names = "--bad-words",
            paramLabel = "WORD",
            description = "Never make this word; may be given several times.")
    private List<String> badWords = List.of();

    @Option(names = "--allowed-token-ids", split = ",", paramLabel = "ID", description = "Draw from these tokens only.")
    private List<Integer> allowedTokenIds = List.of();

    @Option(names = "--seed", paramLabel = "S", description = "Of the random numbers. Equal seeds give equal texts.")
    private Long seed;

    SamplingOptions options() {
        return new SamplingOptions(
                temperature,
                topK,
                topP,
                minP,
                typicalP,
                new PenaltyOptions(repetitionPenalty, presencePenalty, frequencyPenalty),
                new TokenOptions(logitBias, badWords, allowedTokenIds),
                Optional.ofNullable(seed));
    }
}
