package io.llamastreams.app;

import io.llamastreams.app.command.BatchCommand;
import io.llamastreams.app.command.BenchCommand;
import io.llamastreams.app.command.BrokerCommand;
import io.llamastreams.app.command.CancelCommand;
import io.llamastreams.app.command.CollectCommand;
import io.llamastreams.app.command.ConfigCommand;
import io.llamastreams.app.command.DemoCommand;
import io.llamastreams.app.command.EvalCommand;
import io.llamastreams.app.command.GenerateCommand;
import io.llamastreams.app.command.InspectCommand;
import io.llamastreams.app.command.LogitsCommand;
import io.llamastreams.app.command.PerplexityCommand;
import io.llamastreams.app.command.ReproduceCommand;
import io.llamastreams.app.command.RunCommand;
import io.llamastreams.app.command.SubmitCommand;
import io.llamastreams.app.command.TicketsCommand;
import io.llamastreams.app.command.TokenizeCommand;
import io.llamastreams.app.command.TrainCommand;
import io.llamastreams.app.command.WarmCommand;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.ErrorMessages;
import io.llamastreams.app.terminal.QuietCommand;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root command. Commands lie in {@code app.command} and are made with the {@link Console} they may speak through. */
@Command(
        name = "llama-streams",
        description = {
            "Bulk text generation with Llama 2 models, inside Kafka Streams or without Kafka.",
            "",
            "\"llama-streams COMMAND --help\" explains a command and shows examples."
        },
        versionProvider = LlamaStreams.Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        usageHelpAutoWidth = true,
        abbreviateSynopsis = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; single requests that were refused or failed are reported in the output",
            "1:failed: the work could not be done or was interrupted",
            "2:used wrongly, or this Java is too old"
        },
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            SubmitCommand.class,
            CollectCommand.class,
            CancelCommand.class,
            BrokerCommand.class,
            ConfigCommand.class,
            BatchCommand.class,
            ReproduceCommand.class,
            EvalCommand.class,
            TicketsCommand.class,
            GenerateCommand.class,
            TokenizeCommand.class,
            LogitsCommand.class,
            PerplexityCommand.class,
            InspectCommand.class,
            BenchCommand.class,
            TrainCommand.class,
            WarmCommand.class,
            CommandLine.HelpCommand.class
        })
public final class LlamaStreams implements Runnable {

    /** Where a child that {@link Main} started finds the process whose end is its own. */
    private static final Optional<Long> PARENT = Optional.ofNullable(Long.getLong(Main.PARENT_PROPERTY));

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of an error, and more log lines on standard error.")
    private boolean verbose;

    @Spec
    private CommandSpec spec;

    /** Called by {@link Main} through reflection. */
    public static void main(String[] args) {
        ProcessImage.restoreStandardError();
        PARENT.ifPresent(LlamaStreams::endWith);
        Console console = Console.ofProcess();
        int exitCode = run(console, args);
        Optional<IOException> lost = console.lostOutput();
        if (lost.isPresent() && exitCode == CommandLine.ExitCode.OK) {
            exitCode = CommandLine.ExitCode.SOFTWARE;
            if (!"Broken pipe".equals(lost.get().getMessage())) {
                console.error("standard output: " + lost.get().getMessage());
            }
        }
        console.flush();
        System.exit(exitCode);
    }

    /**
     * Runs one command line to its end.
     *
     * @return the exit code
     */
    public static int run(Console console, String... args) {
        return commandLine(console).execute(args);
    }

    /** How command lines are read and executed, with all commands; for tests that read lines without executing them. */
    public static CommandLine commandLine(Console console) {
        LlamaStreams root = new LlamaStreams();
        return new CommandLine(root, new CommandFactory(console))
                .setOut(console.outWriter())
                .setErr(console.errorWriter())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                // Texts are data: "@name" is no file to read arguments from, "--json" after --text is a text.
                .setExpandAtFiles(false)
                .setAllowOptionsAsOptionParameters(true)
                .setExecutionStrategy(parsed -> {
                    setLogLevels(root.verbose, isQuiet(parsed));
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setParameterExceptionHandler((error, arguments) -> usageError(console, error))
                .setExecutionExceptionHandler((error, line, parsed) -> failure(console, error, root.verbose));
    }

    /** Without a command there is nothing to do but to explain. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command, found none");
    }

    private static int usageError(Console console, ParameterException error) {
        CommandLine line = error.getCommandLine();
        console.error(error.getMessage().replaceFirst("^Error: ", ""));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(error, line.getErr())) {
            line.getErr().println("Try: " + line.getCommandSpec().qualifiedName() + " --help");
        }
        line.getErr().flush();
        return CommandLine.ExitCode.USAGE;
    }

    private static int failure(Console console, Exception error, boolean verbose) {
        console.error(ErrorMessages.oneLine(error));
        if (verbose) {
            console.stackTrace(error);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static boolean isQuiet(ParseResult parsed) {
        return parsed.hasSubcommand() && parsed.subcommand().commandSpec().userObject() instanceof QuietCommand;
    }

    /** Read by logback.xml; works because no logger is made before a command starts. The long-running services tell more. */
    private static void setLogLevels(boolean verbose, boolean quiet) {
        setIfAbsent("llama.log.level", verbose ? "DEBUG" : quiet ? "WARN" : "INFO");
        setIfAbsent("llama.log.others.level", quiet && !verbose ? "ERROR" : "WARN");
    }

    private static void setIfAbsent(String property, String value) {
        System.setProperty(property, System.getProperty(property, value));
    }

    private static void endWith(long parentId) {
        Optional<ProcessHandle> parent = ProcessHandle.of(parentId);
        if (parent.isEmpty()) {
            Runtime.getRuntime().halt(1);
        }
        parent.get().onExit().thenRun(() -> Runtime.getRuntime().halt(1));
    }

    /** Version and build from the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = LlamaStreams.class.getPackage().getImplementationVersion();
            return new String[] {
                "llama-streams " + (version == null ? "(not packaged)" : version),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
