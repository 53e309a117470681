package io.llamastreams.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs the packaged jar as users do, in a process of its own. */
public final class JarProcess {
    private static final Path JAR = Path.of("target", "llama-streams.jar").toAbsolutePath();
    private static final long TIMEOUT_SECONDS = 180;

    /** How a process ended. */
    public record Result(int exitCode, String out, String err) {
        /** The same, once it is clear that all went well. */
        public Result succeeded() {
            assertThat(exitCode).as(err).isZero();
            return this;
        }
    }

    private final List<String> javaFlags = new ArrayList<>();
    private final ProcessBuilder builder = new ProcessBuilder();
    private final Path folder;
    private Path jar = JAR;
    private String java =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** @param folder an own one of the test, for output */
    public JarProcess(Path folder) {
        Assumptions.assumeTrue(Files.exists(JAR), () -> "needs " + JAR + ", made by mvn package");
        this.folder = folder;
    }

    public JarProcess java(Path otherJava) {
        java = otherJava.toString();
        return this;
    }

    /** Another copy of the packaged jar. */
    public JarProcess jar(Path otherJar) {
        jar = otherJar;
        return this;
    }

    public JarProcess javaFlags(String... flags) {
        javaFlags.addAll(List.of(flags));
        return this;
    }

    public JarProcess environment(String name, String value) {
        builder.environment().put(name, value);
        return this;
    }

    /** Starts it; standard input is a pipe, output goes to {@code out} and {@code err} in the folder. */
    public Process start(Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(javaFlags);
        command.addAll(List.of("-jar", jar.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        builder.redirectOutput(folder.resolve("out").toFile());
        builder.redirectError(folder.resolve("err").toFile());
        return builder.command(command).start();
    }

    /** Runs it to its end, with an empty standard input. */
    public Result run(Object... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        process.getOutputStream().close();
        return end(process);
    }

    /** Waits for the end of a process that was started here. */
    public Result end(Process process) throws IOException, InterruptedException {
        try {
            assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .as("ended within %d s", TIMEOUT_SECONDS)
                    .isTrue();
            return new Result(
                    process.exitValue(),
                    Files.readString(folder.resolve("out"), StandardCharsets.UTF_8),
                    Files.readString(folder.resolve("err"), StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }
}
