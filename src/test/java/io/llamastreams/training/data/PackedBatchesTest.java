package io.llamastreams.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.serving.PromptInput;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.training.network.TokenBatch;
import io.llamastreams.training.vocabulary.BpeTrainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackedBatchesTest {
    private static final String[] WORDS = {"one", "two", "three", "four", "five", "six", "seven"};

    private static final Tokenizer TOKENIZER = new Tokenizer(BpeTrainer.train(
            () -> IntStream.range(0, 200).mapToObj(PackedBatchesTest::text).iterator(), 290));

    /** Of different lengths. */
    private static String text(long index) {
        StringBuilder text = new StringBuilder(WORDS[(int) (index % 7)]);
        for (int i = 0; i < index % 5; i++) {
            text.append(' ').append(WORDS[(int) ((index + (long) i * i) % 7)]);
        }
        return text.toString();
    }

    @Test
    void textsFollowOneAnotherBetweenBosAndEosAndEachTokenIsLearnt() {
        PackedTexts batches = new PackedTexts(PackedBatchesTest::text, TOKENIZER, 3, 10);
        List<Integer> expected = new ArrayList<>();
        for (int index = 0; expected.size() < 200; index++) {
            expected.add(TOKENIZER.bosId());
            Arrays.stream(TOKENIZER.encode(text(index))).forEach(expected::add);
            expected.add(TOKENIZER.eosId());
        }
        for (int batch = 0; batch < 5; batch++) {
            TokenBatch next = batches.next();
            assertThat(next.starts()).containsExactly(0, 10, 20);
            for (int i = 0; i < 30; i++) {
                assertThat(next.tokens()[i]).isEqualTo(expected.get(batch * 30 + i));
                assertThat(next.targets()[i]).isEqualTo(expected.get(batch * 30 + i + 1));
            }
        }
    }

    private static Dialogue dialogue(long index) {
        List<PromptInput.Message> messages = new ArrayList<>();
        if (index % 2 == 0) {
            messages.add(new PromptInput.Message("system", "be short"));
        }
        messages.add(new PromptInput.Message("user", text(index)));
        return new Dialogue(messages, text(index + 1));
    }

    @Test
    void onlyAnswersAndTheirEndAreLearnt() {
        PackedDialogues batches = new PackedDialogues(PackedBatchesTest::dialogue, TOKENIZER, 2, 90);
        long index = 0;
        for (int n = 0; n < 5; n++) {
            TokenBatch batch = batches.next();
            assertThat(batch.tokens().length).isLessThanOrEqualTo(180);
            for (int text = 0; text < batch.texts(); text++, index++) {
                Dialogue dialogue = dialogue(index);
                String system = index % 2 == 0 ? "<<SYS>>\nbe short\n<</SYS>>\n\n" : "";
                int[] prompt = TOKENIZER.encodeWithBos("[INST] " + system + text(index) + " [/INST]");
                int[] answer = TOKENIZER.encode(dialogue.answer());
                int start = batch.starts()[text];
                assertThat(batch.length(text)).isEqualTo(prompt.length + answer.length);
                assertThat(Arrays.copyOfRange(batch.tokens(), start, start + prompt.length))
                        .isEqualTo(prompt);
                int learntFrom = start + prompt.length - 1;
                assertThat(Arrays.copyOfRange(batch.targets(), start, learntFrom))
                        .containsOnly(TokenBatch.NO_TARGET);
                assertThat(Arrays.copyOfRange(batch.targets(), learntFrom, learntFrom + answer.length))
                        .isEqualTo(answer);
                assertThat(batch.targets()[learntFrom + answer.length]).isEqualTo(TOKENIZER.eosId());
            }
        }
        assertThat(index).isEqualTo(batches.position().index()).isGreaterThan(10);
    }

    @Test
    void goOnFromAnyPosition() {
        for (BatchSource[] pair : new BatchSource[][] {
            {
                new PackedTexts(PackedBatchesTest::text, TOKENIZER, 2, 13),
                new PackedTexts(PackedBatchesTest::text, TOKENIZER, 2, 13)
            },
            {
                new PackedDialogues(PackedBatchesTest::dialogue, TOKENIZER, 1, 90),
                new PackedDialogues(PackedBatchesTest::dialogue, TOKENIZER, 1, 90)
            }
        }) {
            for (int n = 0; n < 20; n++) {
                pair[1].seek(pair[0].position());
                TokenBatch expected = pair[0].next();
                TokenBatch found = pair[1].next();
                assertThat(found.tokens()).isEqualTo(expected.tokens());
                assertThat(found.targets()).isEqualTo(expected.targets());
            }
        }
    }

    @Test
    void refusesDialoguesThatAreTooLongOrHaveNoChatForm() {
        assertThatThrownBy(() -> new PackedDialogues(PackedBatchesTest::dialogue, TOKENIZER, 4, 20).next())
                .isInstanceOf(DialogueException.class)
                .hasMessageMatching("dialogue 0: expected at most 20 tokens with its answer, found \\d+");
        Dialogue twice =
                new Dialogue(List.of(new PromptInput.Message("user", "a"), new PromptInput.Message("user", "b")), "c");
        assertThatThrownBy(() -> new PackedDialogues(index -> twice, TOKENIZER, 1, 90).next())
                .hasMessage("dialogue 0: messages[1].role: expected assistant, found \"user\"");
    }
}
