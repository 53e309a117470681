package io.llamastreams.app.command;

import io.llamastreams.app.LlamaStreams;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.topology.config.TopologyConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Command lines read by the real command line up to the point at which they would begin to work: unknown options and commands,
 * values of the wrong type, options that are missing, and for commands that speak to a cluster also what they find out first
 * thing when they run, such as that no registry is given.
 */
public final class DryRun {
    /** A command that checks its options and then reads its configuration goes no further than to this. */
    private static final String NO_KEY = "llama.no.such.key";

    private DryRun() {}

    /** Why the program would refuse these arguments; empty if it would not. */
    public static Optional<String> problem(List<String> arguments) {
        Output output = new Output();
        CommandLine root = output.root();
        int exitCode = root.setExecutionStrategy(DryRun::readConfiguration).execute(words(arguments));
        if (exitCode != 0) {
            return Optional.of(output.error());
        }
        return speaksToCluster(root.getParseResult()) ? problemBeforeConnecting(arguments) : Optional.empty();
    }

    /** Names of all commands. */
    public static Set<String> commands() {
        return new TreeSet<>(new Output().root().getSubcommands().keySet());
    }

    /** Names of the options of a command, those that all commands have among them. */
    public static Set<String> options(String command) {
        return specOf(command).optionsMap().keySet();
    }

    /** The lines that a command's help shows as examples, without the program's name. */
    public static List<String> examples(String command) {
        String program = "llama-streams ";
        return Stream.of(specOf(command).usageMessage().footer())
                .map(String::strip)
                .filter(line -> line.startsWith(program))
                .map(line -> line.substring(program.length()))
                .toList();
    }

    private static int readConfiguration(ParseResult parsed) {
        if (!parsed.hasSubcommand() && !parsed.isUsageHelpRequested() && !parsed.isVersionHelpRequested()) {
            return new CommandLine.RunLast().execute(parsed);
        }
        Optional<KafkaOptions> kafka = kafkaOptions(parsed);
        if (speaksToCluster(parsed)) {
            TopologyConfig config = kafka.orElseThrow().loadForCluster(Map.of(), Map.of());
            if (parsed.subcommand().commandSpec().name().equals("run")
                    && !parsed.subcommand().hasMatchedOption("--model")) {
                kafka.get().require(config, TopologyConfig.MODEL, "--model FILE");
            }
        } else {
            kafka.ifPresent(options -> options.load(Map.of(), Map.of()));
        }
        return 0;
    }

    /** With the last setting no configuration can be read, so the command ends there, with exit code 1. */
    private static Optional<String> problemBeforeConnecting(List<String> arguments) {
        List<String> poisoned = new ArrayList<>(arguments);
        poisoned.addAll(List.of("--set", NO_KEY + "=1"));
        Output output = new Output();
        int exitCode = output.root().execute(words(poisoned));
        return exitCode == 1 && output.error().contains(NO_KEY) ? Optional.empty() : Optional.of(output.error());
    }

    private static boolean speaksToCluster(ParseResult parsed) {
        if (kafkaOptions(parsed).isEmpty() || parsed.subcommand().isUsageHelpRequested()) {
            return false;
        }
        ParseResult command = parsed.subcommand();
        return switch (command.commandSpec().name()) {
            case "config" -> false;
            case "reproduce" -> command.hasMatchedOption("--from-topic") || !command.hasMatchedOption("--prompts");
            default -> true;
        };
    }

    private static Optional<KafkaOptions> kafkaOptions(ParseResult parsed) {
        return parsed.hasSubcommand()
                ? parsed.subcommand().commandSpec().mixins().values().stream()
                        .map(CommandSpec::userObject)
                        .filter(KafkaOptions.class::isInstance)
                        .map(KafkaOptions.class::cast)
                        .findFirst()
                : Optional.empty();
    }

    private static CommandSpec specOf(String command) {
        return new Output().root().getSubcommands().get(command).getCommandSpec();
    }

    private static String[] words(List<String> arguments) {
        return arguments.toArray(String[]::new);
    }

    /** A console that keeps what it gets. */
    private static final class Output {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        private final Console console = new Console(stream, stream, false, System::nanoTime);

        CommandLine root() {
            return LlamaStreams.commandLine(console);
        }

        String error() {
            console.flush();
            return bytes.toString(StandardCharsets.UTF_8).strip();
        }
    }
}
