package io.llamastreams.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.llamastreams.app.JarProcess.Result;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.tokenizer.LargeVocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar target/llama-streams.jar} on the Java that runs the tests and on an older one. */
class LauncherIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Path INSTALLED_JAVAS = Path.of("/usr/lib/jvm");

    /** Name of its folder, as packages give it: java-17-openjdk-amd64, temurin-21-jdk. */
    private static final Pattern OLDER_JAVA = Pattern.compile("(?<!\\d)(11|17|21)(?!\\d)");

    /** Where the launcher does not replace the process, whatever the system is. */
    private static final String OTHER_SYSTEM = "-Dos.name=Other";

    @TempDir
    Path folder;

    private JarProcess jar() {
        return new JarProcess(folder);
    }

    @Test
    void everyCommandExplainsItself() throws IOException, InterruptedException {
        Result root = jar().run("--help").succeeded();
        assertThat(root.out()).startsWith("Usage: llama-streams").contains("Exit codes:");
        List<String> commands = root.out()
                .lines()
                .dropWhile(line -> !line.equals("Commands:"))
                .skip(1)
                .takeWhile(line -> !line.isBlank())
                .filter(line -> line.matches("  [a-z].*"))
                .map(line -> line.strip().replaceFirst(" .*", ""))
                .filter(command -> !command.equals("help"))
                .toList();
        assertThat(commands).contains("tokenize", "logits", "perplexity", "inspect", "bench", "submit", "collect");
        for (String command : commands) {
            Result help = jar().run(command, "--help").succeeded();
            assertThat(help.out()).startsWith("Usage: llama-streams " + command);
            assertThat(help.err()).as(command).isEmpty();
        }
    }

    @Test
    void usageErrorsAreOneLineWithAHintAndExitCode2() throws IOException, InterruptedException {
        Result nothing = jar().run();
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.err()).isEqualTo("error: expected a command, found none\nTry: llama-streams --help\n");
        Result wrong = jar().run("tokenize", "--nonsense");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).startsWith("error: ").hasLineCount(2);
        assertThat(wrong.out()).isEmpty();
    }

    @Test
    void otherErrorsAreOneLineAndExitCode1() throws IOException, InterruptedException {
        Result missing = jar().run("tokenize", "--model", "/no/such.gguf", "--text", "x");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err())
                .startsWith("error: /no/such.gguf: no such file")
                .hasLineCount(1);
        Result verbose = jar().run("tokenize", "--model", "/no/such.gguf", "--text", "x", "--verbose");
        assertThat(verbose.err()).contains("error: ", "\tat io.llamastreams");
    }

    @Test
    void anOlderJavaSaysInOneLineWhichOneIsNeeded() throws IOException, InterruptedException {
        Optional<Path> older = olderJava();
        assumeThat(older).as("a Java 11, 17 or 21 under " + INSTALLED_JAVAS).isPresent();
        Result result = jar().java(older.orElseThrow().resolve("bin/java")).run("--help");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .hasLineCount(1)
                .startsWith("llama-streams: Java 25 or newer is needed, found Java " + version(older.orElseThrow()));
    }

    private static Optional<Path> olderJava() throws IOException {
        if (!Files.isDirectory(INSTALLED_JAVAS)) {
            return Optional.empty();
        }
        try (Stream<Path> installed = Files.list(INSTALLED_JAVAS)) {
            return installed
                    .filter(home ->
                            OLDER_JAVA.matcher(home.getFileName().toString()).find())
                    .filter(home -> Files.isExecutable(home.resolve("bin/java")))
                    .findFirst();
        }
    }

    private static String version(Path home) {
        Matcher name = OLDER_JAVA.matcher(home.getFileName().toString());
        assertThat(name.find()).isTrue();
        return name.group(1);
    }

    @Test
    void keepsTheUsersFlagsAndArguments() throws IOException, InterruptedException {
        Result result = jar().javaFlags("-Xlog:gc:file=" + folder.resolve("gc.log"), "-Dsome.thing=a b")
                .run("tokenize", "--model", LargeVocabulary.file(), "--text", "a  b \"c\" $d 'e' \\f *", "--pieces")
                .succeeded();
        assertThat(result.out().strip().replace(" ", "").replace('\u2581', ' ').strip())
                .isEqualTo("a  b \"c\" $d 'e' \\f *");
        assertThat(folder.resolve("gc.log")).exists();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void takesTextOfAnyLanguageInThePosixLocale() throws IOException, InterruptedException {
        Path tokenizer = LargeVocabulary.file();
        Path file = Files.writeString(
                folder.resolve("日本.jsonl"), "{\"text\":\"caf\u00e9 \u65e5\u672c\u8a9e \ud83d\ude00\"}\n");
        String expected = jar().environment("LC_ALL", "C.UTF-8")
                .run("tokenize", "--model", tokenizer, "--file", file, "--json")
                .succeeded()
                .out();
        // The path and the text reach the program as bytes that the POSIX locale has no characters for.
        JarProcess posix = jar().environment("LC_ALL", "C");
        assertThat(posix.run("tokenize", "--model", tokenizer, "--file", file, "--json")
                        .succeeded()
                        .out())
                .isEqualTo(expected);
        assertThat(posix.run(
                                "tokenize",
                                "--model",
                                tokenizer,
                                "--text",
                                "caf\u00e9 \u65e5\u672c\u8a9e \ud83d\ude00",
                                "--json")
                        .succeeded()
                        .out())
                .isEqualTo(expected);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void onLinuxTheProcessIsReplaced() throws IOException, InterruptedException {
        JarProcess jar = jar();
        Process process = jar.start("tokenize", "--model", TinyModel.f32(), "--file", "-");
        try {
            awaitCommandLine(process.toHandle(), "io.llamastreams.app.LlamaStreams");
            process.getOutputStream().write("{\"text\":\"Once\"}\n".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            await().atMost(TIMEOUT)
                    .until(() -> Files.readString(folder.resolve("out")).equals("362\n"));
            assertThat(process.children()).isEmpty();
            // Not by destroy(), which also closes the input: its end would be an end with exit code 0.
            signal(process, "TERM");
            Result result = jar.end(process);
            assertThat(result.exitCode()).as("SIGTERM; " + result.err()).isEqualTo(128 + 15);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void elsewhereAChildRunsAndItsExitCodeIsPassedOn() throws IOException, InterruptedException {
        assertThat(jar().javaFlags(OTHER_SYSTEM).run("--version").succeeded().out())
                .startsWith("llama-streams ");
        assertThat(jar().javaFlags(OTHER_SYSTEM).run("--nonsense").exitCode()).isEqualTo(2);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aChildEndsWithItsParentHoweverThatEnds() throws IOException, InterruptedException {
        for (boolean forcibly : new boolean[] {false, true}) {
            Process parent = jar().javaFlags(OTHER_SYSTEM).start("tokenize", "--model", TinyModel.f32(), "--file", "-");
            await().atMost(TIMEOUT).until(() -> parent.children().findAny().isPresent());
            ProcessHandle child = parent.children().findAny().orElseThrow();
            awaitCommandLine(child, "io.llamastreams.app.LlamaStreams");
            if (forcibly) {
                parent.destroyForcibly();
            } else {
                parent.toHandle().destroy();
            }
            assertThat(parent.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            await().atMost(TIMEOUT).until(() -> !child.isAlive());
        }
    }

    private static void awaitCommandLine(ProcessHandle process, String part) {
        await().atMost(TIMEOUT)
                .until(() -> process.info().commandLine().orElse("").contains(part));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void lostOutputIsNoSuccess() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "exec \"$0\" -jar target/llama-streams.jar --help > /dev/full",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("err")))
                .isEqualTo("error: standard output: No space left on device\n");
    }
}
