package io.llamastreams.faults.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessClockTest {

    @TempDir
    private Path folder;

    /** Prints what Kafka takes for the time, once for each line that it reads. */
    static final class Teller {
        private Teller() {}

        public static void main(String[] args) {
            while (IO.readln() != null) {
                IO.println(Time.SYSTEM.milliseconds());
            }
        }
    }

    @Test
    void aProcessHasTheTimeThatItIsGiven() throws IOException, InterruptedException {
        ProcessClock clock = new ProcessClock(folder, "teller");
        clock.set(Duration.ofHours(5));
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        clock.flag(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Teller.class.getName()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader answers = process.inputReader();
                var questions = process.outputWriter()) {
            assertThat(awaitAhead(questions, answers, Duration.ofHours(5))).isTrue();
            clock.set(Duration.ofMinutes(-7));
            assertThat(awaitAhead(questions, answers, Duration.ofMinutes(-7))).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean awaitAhead(java.io.BufferedWriter questions, BufferedReader answers, Duration expected)
            throws IOException, InterruptedException {
        for (int i = 0; i < 200; i++) {
            questions.write("?\n");
            questions.flush();
            long ahead = Long.parseLong(answers.readLine()) - System.currentTimeMillis();
            if (Math.abs(ahead - expected.toMillis()) < 60_000) {
                return true;
            }
            Thread.sleep(50);
        }
        return false;
    }
}
