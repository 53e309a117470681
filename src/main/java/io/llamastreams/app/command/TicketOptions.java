package io.llamastreams.app.command;

import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.tickets.TicketFile;
import io.llamastreams.training.tickets.Split;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which of the built-in tickets. Mixed into the commands that measure with them. */
final class TicketOptions {
    @Option(
            names = "--tickets",
            paramLabel = "N",
            description = "Take this many of the built-in tickets, of those that no model was trained on (default: "
                    + TicketFile.DEFAULT_COUNT + ").")
    private Optional<Long> count = Optional.empty();

    @Option(
            names = "--ticket-seed",
            paramLabel = "S",
            description = "Other tickets, of the same kind (default: " + TicketFile.DEFAULT_SEED + ").")
    private Optional<Long> seed = Optional.empty();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Whether tickets were asked for. */
    boolean isGiven() {
        return count.isPresent() || seed.isPresent();
    }

    /** @throws ParameterException if the number is out of range */
    PromptFile prompts() {
        try {
            return new TicketFile(
                            Split.TEST, seed.orElse(TicketFile.DEFAULT_SEED), count.orElse(TicketFile.DEFAULT_COUNT))
                    .prompts();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--tickets: " + e.getMessage(), e);
        }
    }
}
