package io.llamastreams.app.command;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The program as a process of its own, started as users start it. */
final class ChildProcess implements AutoCloseable {

    private final String name;
    private final Process process;
    private final Path out;
    private final Path err;

    private ChildProcess(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * @param folder takes what it prints
     * @param name unique in the folder
     */
    static ChildProcess start(Path folder, String name, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                classPath(),
                "io.llamastreams.app.Main"));
        command.addAll(arguments);
        Path out = folder.resolve(name + ".out");
        Path err = folder.resolve(name + ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.PIPE)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            return new ChildProcess(name, process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without the tests' own files, whose logging differs from the program's. */
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Waits until it ends; gives its exit code. */
    int await(Duration timeout) throws InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(name + " did not end within " + timeout + "\n" + describe());
        }
        return process.exitValue();
    }

    /** Waits until its standard output is as wanted. */
    void awaitOut(Predicate<String> wanted, Duration timeout) throws InterruptedException {
        awaitText(this::out, wanted, timeout);
    }

    /** Waits until its standard error is as wanted. */
    void awaitErr(Predicate<String> wanted, Duration timeout) throws InterruptedException {
        awaitText(this::err, wanted, timeout);
    }

    private void awaitText(Supplier<String> text, Predicate<String> wanted, Duration timeout)
            throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (!wanted.test(text.get())) {
            if (!process.isAlive() || System.nanoTime() > deadlineNanos) {
                throw new AssertionError(name + " did not print what was expected\n" + describe());
            }
            process.waitFor(50, TimeUnit.MILLISECONDS);
        }
    }

    /** SIGTERM, and nothing else: the process's own method would close its input too. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    String describe() {
        return name + " out:\n" + out() + "\n" + name + " err:\n" + err();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
