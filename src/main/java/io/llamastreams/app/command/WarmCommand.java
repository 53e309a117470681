package io.llamastreams.app.command;

import io.llamastreams.app.service.TemporaryFolder;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/** Makes later starts faster: runs the program once in a process of its own and lets Java write down what it has learnt. */
@Command(
        name = "warm",
        description = {
            "Make later starts of this program faster.",
            "",
            "It runs the demo once, unseen, and keeps what Java has learnt meanwhile (which classes it needed, and how code"
                    + " behaved) in a file beside the jar, an AOT cache. From then on each start uses it. The file fits this"
                    + " Java, this jar and these libraries; where one of them has changed it is left alone, until this"
                    + " command is run again. It may be deleted at any time."
        },
        footer = {"", "Example:", "  java -jar llama-streams.jar warm"})
public final class WarmCommand implements Callable<Integer>, QuietCommand {

    /** Set by the launcher when the program runs from a jar. */
    private static final String CACHE_PROPERTY = "llamastreams.cache";

    private static final String APPLICATION = "io.llamastreams.app.LlamaStreams";

    /** Broker, registry, topology and engine: what every command uses some of. */
    private static final List<String> LESSON = List.of("demo", "--tickets", "32", "--json");

    private static final long TIMEOUT_MINUTES = 10;

    private final Console console;

    WarmCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path cache = Optional.ofNullable(System.getProperty(CACHE_PROPERTY))
                .map(Path::of)
                .orElseThrow(
                        () -> new CommandFailure("warm: expected to be started with java -jar, found the class path "
                                + System.getProperty("java.class.path")));
        if (!Files.isWritable(cache.toAbsolutePath().getParent())) {
            throw new CommandFailure(cache + ": no permission to write there");
        }
        // Under another name until it is whole: a program that starts meanwhile must not see a half of it.
        Path made = cache.resolveSibling(
                cache.getFileName() + "." + ProcessHandle.current().pid());
        console.info("running the demo once, which takes some seconds");
        try (TemporaryFolder folder = TemporaryFolder.create("llama-streams-warm-")) {
            learn(made, folder.path().resolve("log"));
            Files.move(made, cache, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(made);
            Files.deleteIfExists(made.resolveSibling(made.getFileName() + ".config"));
        }
        console.info(cache + ", " + (Files.size(cache) >> 20) + " MB; later starts use it");
        return 0;
    }

    private static void learn(Path made, Path log) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(command(made))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            child.getOutputStream().close();
            boolean ended = child.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES);
            if (!ended || child.exitValue() != 0 || !Files.isRegularFile(made)) {
                throw new CommandFailure("no cache was made ("
                        + (ended ? "exit code " + child.exitValue() : "not within " + TIMEOUT_MINUTES + " minutes")
                        + "): " + lastLine(log));
            }
        } finally {
            child.destroyForcibly();
        }
    }

    /** With the module flags of this process: a cache fits the same ones only. */
    private static List<String> command(Path made) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--"))
                .forEach(command::add);
        command.add("-Xlog:disable");
        command.add("-XX:AOTCacheOutput=" + made);
        command.add("-cp");
        command.add(
                Path.of(System.getProperty("java.class.path")).toAbsolutePath().toString());
        command.add(APPLICATION);
        command.addAll(LESSON);
        return command;
    }

    private static String lastLine(Path log) throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .reduce((first, second) -> second)
                .orElse("it said nothing");
    }
}
