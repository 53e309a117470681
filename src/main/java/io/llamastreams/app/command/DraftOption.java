package io.llamastreams.app.command;

import picocli.CommandLine.Option;

/** Whether tokens are guessed ahead. The texts are the same. */
final class DraftOption {
    @Option(
            names = "--draft-tokens",
            paramLabel = "N",
            description =
                    "Guess up to N tokens from what the text has already said and verify them in one step, where that"
                            + " pays (default: ${DEFAULT-VALUE}). Same texts.")
    private int tokens;

    int tokens() {
        return tokens;
    }
}
