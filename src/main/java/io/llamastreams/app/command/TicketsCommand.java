package io.llamastreams.app.command;

import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.app.tickets.TicketFile;
import io.llamastreams.training.tickets.Split;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Support tickets into a file. */
@Command(
        name = "tickets",
        description = {
            "Write invented support tickets as prompts with their right answers: something to feed to \"batch\", \"eval\","
                    + " \"submit\" and \"demo --prompts\".",
            "",
            "A line: {\"id\", \"messages\": [system, ticket], \"max_new_tokens\", \"expected\": {\"intent\", \"product\","
                    + " \"order\", \"urgency\", \"sentiment\", \"reply\"}}. \"expected\" is what \"eval\" compares answers"
                    + " with; no model sees it.",
            "",
            "The same split, seed and number give the same ticket everywhere. The built-in model was trained on tickets of"
                    + " the train split; those of the test split are phrased otherwise and name other products, orders and"
                    + " people."
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams tickets --count 1000 --out tickets.jsonl",
            "  llama-streams tickets --count 3 --split train --seed 7"
        })
public final class TicketsCommand implements Callable<Integer>, QuietCommand {
    private static final String STANDARD = "-";

    @Option(names = "--count", paramLabel = "N", description = "How many tickets (default: ${DEFAULT-VALUE}).")
    private long count = TicketFile.DEFAULT_COUNT;

    @Option(names = "--split", paramLabel = "train|test", description = "Of which kind (default: test).")
    private Split split = Split.TEST;

    @Option(names = "--seed", paramLabel = "S", description = "Which tickets (default: ${DEFAULT-VALUE}).")
    private long seed = TicketFile.DEFAULT_SEED;

    @Option(
            names = "--out",
            paramLabel = "F.jsonl",
            description = "File to write, replaced if it is there; \"-\", the default, for standard output.")
    private String out = STANDARD;

    @Spec
    private CommandSpec spec;

    private final Console console;

    TicketsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--count: expected at least 1, found " + count);
        }
        try (InputStream lines = new TicketFile(split, seed, count).open();
                OutputStream file = out.equals(STANDARD) ? console.bulkOutput() : Files.newOutputStream(Path.of(out))) {
            lines.transferTo(file);
        }
        return 0;
    }
}
