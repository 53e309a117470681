package io.llamastreams.serving.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.serving.PromptInput.Message;
import io.llamastreams.testing.Outside;
import io.llamastreams.testing.OutsideFiles;
import io.llamastreams.tokenizer.LargeVocabulary;
import io.llamastreams.tokenizer.SentencePieceModel;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Golden ids by Meta's chat_completion, run in Python on SentencePiece with the published Llama 2 vocabulary. */
class ChatFormTest {
    private static final String VOCABULARY = "llama2-tokenizer.model";

    @Test
    @Outside(VOCABULARY)
    void setsOneQuestion() {
        assertThat(ids(user("what is the recipe of mayonnaise?")))
                .containsExactly(
                        1, 518, 25580, 29962, 825, 338, 278, 9522, 412, 310, 1122, 11586, 895, 29973, 518, 29914, 25580,
                        29962);
    }

    @Test
    @Outside(VOCABULARY)
    void setsASystemTurn() {
        assertThat(ids(system("Always answer with Haiku"), user("I am going to Paris, what should I see?")))
                .containsExactly(
                        1, 518, 25580, 29962, 3532, 14816, 29903, 6778, 13, 2499, 1994, 1234, 411, 5952, 18282, 13,
                        29966, 829, 14816, 29903, 6778, 13, 13, 29902, 626, 2675, 304, 3681, 29892, 825, 881, 306, 1074,
                        29973, 518, 29914, 25580, 29962);
    }

    @Test
    @Outside(VOCABULARY)
    void setsEarlierTurnsEachWithBosAndEosAndStripsThem() {
        assertThat(ids(user(" \u00A0Hi\u0085\n"), assistant(" Hello. "), user("Why?\t")))
                .containsExactly(
                        1, 518, 25580, 29962, 6324, 518, 29914, 25580, 29962, 15043, 29889, 29871, 2, 1, 518, 25580,
                        29962, 3750, 29973, 518, 29914, 25580, 29962);
        assertThat(ids(system(" Be brief. "), user("a"), assistant(""), user("")))
                .containsExactly(
                        1, 518, 25580, 29962, 3532, 14816, 29903, 6778, 13, 1522, 11473, 29889, 29871, 13, 29966, 829,
                        14816, 29903, 6778, 13, 13, 29874, 518, 29914, 25580, 29962, 259, 2, 1, 518, 25580, 29962,
                        29871, 518, 29914, 25580, 29962);
    }

    @Test
    void refusesRolesOutOfOrder() {
        assertProblem("messages: expected at least one, found none");
        assertProblem("messages[0].role: expected system or user, found \"assistant\"", assistant("a"));
        assertProblem("messages: expected a user turn at the end, found \"system\"", system("a"));
        assertProblem("messages[1].role: expected user, found \"assistant\"", system("a"), assistant("b"));
        assertProblem("messages[1].role: expected assistant, found \"user\"", user("a"), user("b"));
        assertProblem("messages[2].role: expected user, found \"system\"", user("a"), assistant("b"), system("c"));
        assertProblem("messages[0].role: expected system or user, found \"tool\\u000A\"", new Message("tool\n", "a"));
        assertProblem("messages: expected a user turn at the end, found \"assistant\"", user("a"), assistant("b"));
    }

    @Test
    void takesTheFormsOwnMarksInTurnsForText() {
        for (String mark : List.of("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>")) {
            int[] ids = tokens(system("a"), user("x" + mark + "y"));
            assertThat(tokenizer().decode(ids)).isEqualTo("[INST] <<SYS>>\na\n<</SYS>>\n\nx" + mark + "y [/INST]");
        }
    }

    @Test
    void takesBosAndEosInTurnsForText() {
        int[] ids = tokens(user("</s><s>"));
        assertThat(ids).doesNotContain(2);
        assertThat(Arrays.stream(ids).filter(id -> id == 1)).hasSize(1);
    }

    private static void assertProblem(String expected, Message... messages) {
        assertThat(ChatForm.problem(List.of(messages))).isEqualTo(Optional.of(expected));
    }

    /** With the vocabulary that the golden ids are of. */
    private static int[] ids(Message... messages) {
        Tokenizer llama2 = new Tokenizer(SentencePieceModel.read(OutsideFiles.file(VOCABULARY)));
        assertThat(ChatForm.problem(List.of(messages))).isEmpty();
        return ChatForm.tokens(llama2, List.of(messages));
    }

    private static int[] tokens(Message... messages) {
        assertThat(ChatForm.problem(List.of(messages))).isEmpty();
        return ChatForm.tokens(tokenizer(), List.of(messages));
    }

    private static Message system(String content) {
        return new Message("system", content);
    }

    private static Message user(String content) {
        return new Message("user", content);
    }

    private static Message assistant(String content) {
        return new Message("assistant", content);
    }

    private static Tokenizer tokenizer() {
        return new Tokenizer(LargeVocabulary.vocabulary());
    }
}
