package io.llamastreams.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
class TerminationSignalsTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    /** Tells in a file that it is ready, and in another that Java handled its end. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            TerminationSignals signals = TerminationSignals.giveToSystem();
            if (args[1].equals("taken back")) {
                signals.takeBack();
            }
            TerminationSignals.waitForEndThatHasBegun();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    Files.createFile(folder.resolve("handled"));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }));
            Files.createFile(folder.resolve("ready"));
            System.in.read();
        }
    }

    private int terminate(String state) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        folder.toString(),
                        state)
                .inheritIO()
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .start();
        try {
            await().atMost(TIMEOUT).until(() -> Files.exists(folder.resolve("ready")));
            assertThat(new ProcessBuilder("kill", "-TERM", Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void theSystemEndsTheProcessWithoutJava() throws IOException, InterruptedException {
        assertThat(terminate("given")).isEqualTo(128 + 15);
        assertThat(folder.resolve("handled")).doesNotExist();
    }

    @Test
    void javaEndsItOnceTheyAreTakenBack() throws IOException, InterruptedException {
        assertThat(terminate("taken back")).isEqualTo(128 + 15);
        assertThat(folder.resolve("handled")).exists();
    }
}
