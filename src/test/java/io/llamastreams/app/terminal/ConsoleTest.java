package io.llamastreams.app.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long nowNanos;

    private Console console(OutputStream output, boolean terminal) {
        return new Console(output, new PrintStream(err, true, StandardCharsets.UTF_8), terminal, () -> nowNanos);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void resultsGoToStandardOutputAsUtf8AndTheRestDoesNot() {
        Console console = console(out, false);
        console.jsonLine("{\"text\":\"\u65e5\u672c\"}");
        console.info("i");
        console.warn("w");
        console.error("e");
        console.flush();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("{\"text\":\"\u65e5\u672c\"}\n");
        assertThat(err()).isEqualToNormalizingNewlines("i\nwarning: w\nerror: e\n");
    }

    @Test
    void remembersThatOutputWasLost() {
        IOException full = new IOException("full");
        Console console = console(
                new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        throw full;
                    }
                },
                false);
        console.out().println("x");
        assertThat(console.lostOutput()).containsSame(full);
        assertThatThrownBy(() -> console.bulkOutput().write(new byte[10])).isSameAs(full);
    }

    @Test
    void bulkOutputComesAfterWhatWasPrintedAndStaysOpen() throws IOException {
        Console console = console(out, false);
        console.out().print("a");
        try (OutputStream bulk = console.bulkOutput()) {
            bulk.write("b".getBytes(StandardCharsets.UTF_8));
        }
        console.out().print("c");
        console.flush();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("abc");
    }

    @Test
    void progressInAFileIsALineNowAndThenAndRarer() {
        try (Progress progress = console(out, false).progress("batch", 1000, "prompts")) {
            for (int second = 1; second <= 120; second++) {
                nowNanos = Duration.ofSeconds(second).toNanos();
                progress.note(second + " s");
                progress.advance(1);
            }
        }
        assertThat(err()).isEqualToNormalizingNewlines("""
                        batch: 5/1000 prompts (0 %), 5 s
                        batch: 15/1000 prompts (1 %), 15 s
                        batch: 35/1000 prompts (3 %), 35 s
                        batch: 75/1000 prompts (7 %), 75 s
                        """);
    }

    @Test
    void shortWorkShowsNoProgressInAFile() {
        try (Progress progress = console(out, false).progress("batch", -1, "prompts")) {
            progress.advance(100_000);
        }
        assertThat(err()).isEmpty();
    }

    @Test
    void progressOnATerminalIsOneLineThatIsRedrawn() {
        try (Progress progress = console(out, true).progress("batch", 10, "prompts")) {
            progress.advance(10);
            progress.note("5 tokens/s");
        }
        assertThat(err()).contains("\rbatch 100%").contains("10/10 prompts");
        assertThat(err().stripTrailing()).doesNotContain("\n");
    }

    @Test
    void errorsAreOneLineThatNamesTheFile() {
        assertThat(ErrorMessages.oneLine(new UncheckedIOException(new NoSuchFileException("a.gguf"))))
                .isEqualTo("a.gguf: no such file or folder");
        assertThat(ErrorMessages.oneLine(new AccessDeniedException("a.gguf"))).isEqualTo("a.gguf: access denied");
        assertThat(ErrorMessages.oneLine(new CommandFailure("first\n  second"))).isEqualTo("first | second");
        assertThat(ErrorMessages.oneLine(new IllegalStateException("oops")))
                .isEqualTo(
                        "internal error, please report it with the output of --verbose: IllegalStateException: oops");
        assertThat(ErrorMessages.oneLine(new IOException())).isEqualTo("java.io.IOException");
    }
}
