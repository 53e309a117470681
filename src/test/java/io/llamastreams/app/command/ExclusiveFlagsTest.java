package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Flags that exclude each other are answered before anything is looked for, by their names. */
class ExclusiveFlagsTest {
    private static final String EXCLUSIVE = " are mutually exclusive (specify only one)";

    private static void refused(String message, String... arguments) {
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(List.of(arguments))).as(message).isEqualTo(2);
        assertThat(console.err()).isEqualTo("error: " + message + "\nTry: llama-streams " + arguments[0] + " --help\n");
    }

    @Test
    void anOrderIsThatOfThePromptsOrOfASeed() {
        refused(
                "--in-order, --shuffle-seed=S" + EXCLUSIVE,
                "batch",
                "--model",
                "m",
                "--in",
                "i",
                "--out",
                "o",
                "--in-order",
                "--shuffle-seed",
                "1");
    }

    /**
     * No groups of flags: of a flag against several, or against a file without a name, picocli's words depend on the order in
     * which they were given.
     */
    @Test
    void whatExcludesMoreThanOneFlagSaysSoItself() {
        refused(
                "expected a file of completions or --from-topic, found both",
                "reproduce",
                "--model",
                "m",
                "--from-topic",
                "f.jsonl");
        refused("expected a file of completions or --from-topic, found neither", "reproduce", "--model", "m");
        String batch = "--batch: expected neither --count nor --group besides";
        refused(batch, "collect", "--batch", "b", "--count", "1");
        refused(batch, "collect", "--group", "g", "--batch", "b");
        refused("--tickets and --ticket-seed: expected no --file beside them", "eval", "--file", "f", "--tickets", "1");
        refused(
                "--tickets and --ticket-seed: expected no --file beside them",
                "eval",
                "--ticket-seed",
                "1",
                "--in",
                "f");
        refused(
                "--tickets and --ticket-seed: expected no --prompts beside them",
                "demo",
                "--prompts",
                "f",
                "--tickets",
                "1");
    }
}
