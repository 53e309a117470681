package io.llamastreams.app.accuracy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.evaluation.Expected;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AccuracyViewTest {
    private static final String TRUTH =
            "{\"intent\":\"refund\",\"order\":null,\"reply\":\"We are sorry to hear that and will"
                    + " refund order 7 today.\"}";

    private final Judge judge = new Judge();

    private void judge(long index, String question, String expected, Generation generation)
            throws JsonProcessingException {
        judge.judge(index, question, Expected.of(Json.read(expected)), generation);
    }

    private static Generation answer(String id, String text) {
        return new Generation(
                id,
                Generation.Status.SUCCEEDED,
                new Answer.Texts(Choice.only(text, List.of(), Optional.of("stop"), List.of())),
                new Usage(1, 0, 1, 0, 0, 0),
                0,
                "");
    }

    private static String shown(Consumer<AccuracyView> what) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        what.accept(new AccuracyView(new PrintStream(bytes, true, StandardCharsets.UTF_8), false));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void putsTruthAndAnswerSideBySideAndMarksWhatIsWrong() throws JsonProcessingException {
        judge(
                0,
                "My parcel 7\nis broken.",
                TRUTH,
                answer("a", TRUTH.replace("null", "\"7\"").replace("today.\"}", "today.\",\"mood\":1}")));
        assertThat(shown(view -> view.show(judge.examples().getFirst()))).isEqualTo("""
                a  wrong
                  My parcel 7
                  is broken.
                               expected                        answer
                  intent       "refund"                        "refund"
                ! order        null                            "7"
                  reply        "We are sorry to hear that and  "We are sorry to hear that and
                               will refund order 7 today."     will refund order 7 today."
                ! mood         (no such field)                 1
                """);
    }

    @Test
    void showsAnswersThatAreNoJsonAndPromptsThatHaveNone() throws JsonProcessingException {
        judge(0, "", "{\"a\":1}", answer("a", "Once\u001B[2J\nupon a time"));
        judge(1, "", "{\"a\":1}", Generation.rejected("b", "line 2: no prompt"));
        judge(2, "", "{\"a\":1,\"b\":\"a_text_that_is_long_too\"}", answer("c", "x".repeat(33)));
        assertThat(shown(view -> judge.examples().forEach(view::show))).isEqualTo("""
                a  wrong
                               expected                        answer: not JSON
                !              {"a":1}                         Once\uFFFD[2J\uFFFDupon a time
                b  wrong
                               expected                        answer
                !              {"a":1}                         REJECTED: line 2: no prompt
                c  wrong
                               expected                        answer: not JSON
                !              {"a":1,                         xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                               "b":"a_text_that_is_long_too"}  xx
                """);
    }

    @Test
    void leavesOutTheRestOfALongAnswer() throws JsonProcessingException {
        judge(0, "", "\"x\"", answer("a", "word ".repeat(1000)));
        String shown = shown(view -> view.show(judge.examples().getFirst()));
        assertThat(shown.lines()).hasSize(2 + 13).last().asString().endsWith("  ...");
        judge(1, "", "\"x\"", answer("b", "y".repeat(13 * 31)));
        assertThat(shown(view -> view.show(judge.examples().get(1))))
                .hasLineCount(2 + 13)
                .endsWith("y\n");
    }

    @Test
    void showsWhichFieldIsMissing() throws JsonProcessingException {
        judge(0, "", "{\"a\":1}", answer("a", "{}"));
        assertThat(shown(view -> view.show(judge.examples().getFirst()))).isEqualTo("""
                a  wrong
                               expected                        answer
                ! a            1                               (missing)
                """);
    }

    @Test
    void showsTheSharesAndNeverRoundsUpToAll() throws JsonProcessingException {
        for (int i = 0; i < 1999; i++) {
            judge(i, "", "{\"a\":1}", answer("r" + i, "{\"a\":1}"));
        }
        judge(1999, "", "{\"a\":1}", answer("w", "{\"a\":2}"));
        assertThat(shown(view -> view.show(judge.accuracy()))).isEqualTo("""
                accuracy  (answers compared with the expected ones)
                  valid JSON           100.0 %  2000 of 2000
                  every field right     99.9 %  1999 of 2000
                    a                   99.9 %  1999 of 2000
                  exactly the text      99.9 %  1999 of 2000
                """);
        assertThat(judge.wrong()).hasSize(1);
    }

    @Test
    void roundsToTheNearestTenthAndNeverDownToNone() throws JsonProcessingException {
        for (int i = 0; i < 300; i++) {
            judge(i, "", "\"x\"", answer("r" + i, i < 287 ? "x" : "y"));
        }
        assertThat(shown(view -> view.show(judge.accuracy()))).contains("   95.7 %  287 of 300\n");
        for (int i = 300; i < 2300; i++) {
            judge(i, "", "{\"a\":1}", answer("r" + i, i == 300 ? "{\"a\":1}" : "{\"a\":2}"));
        }
        assertThat(shown(view -> view.show(judge.accuracy())))
                .contains("every field right      0.1 %  1 of 2000\n")
                .contains("valid JSON           100.0 %  2000 of 2000\n");
        Judge nothingRight = new Judge();
        nothingRight.judge(0, "", Expected.of(Json.read("\"x\"")), answer("z", "y"));
        assertThat(shown(view -> view.show(nothingRight.accuracy()))).contains("    0.0 %  0 of 1\n");
    }

    @Test
    void textsHaveNoFields() throws JsonProcessingException {
        judge(0, "Capital of France?", "\"Paris\"", answer("a", " Paris"));
        judge(1, "Capital of Italy?", "\"Rome\"", answer("b", "Milan"));
        assertThat(shown(view -> view.show(judge.accuracy()))).isEqualTo("""
                accuracy  (answers compared with the expected ones)
                  exactly the text      50.0 %  1 of 2
                """);
        ObjectNode json = Json.object();
        AccuracyJson.put(json, judge.accuracy());
        assertThat(Json.write(json))
                .isEqualTo("{\"json_valid\":null,\"all_fields_right\":null,\"field_accuracy\":{},\"exact_match\":0.5}");
    }

    @Test
    void examplesAreTheFirstWrongOnesOfTheFileOrElseTheFirstRightOnes() throws JsonProcessingException {
        for (long index : new long[] {4, 2, 3, 0, 1}) {
            judge(index, "", "\"x\"", answer("r" + index, "x"));
        }
        assertThat(judge.examples())
                .extracting(example -> example.generation().id())
                .containsExactly("r0", "r1", "r2");
        assertThat(judge.wrong()).isEmpty();
        for (long index : new long[] {8, 6, 9, 5, 7}) {
            judge(index, "", "\"x\"", answer("w" + index, "y"));
        }
        assertThat(judge.examples())
                .extracting(example -> example.generation().id())
                .containsExactly("w5", "w6", "w7");
        assertThat(judge.accuracy().answers()).isEqualTo(10);
    }
}
