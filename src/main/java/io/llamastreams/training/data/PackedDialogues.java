package io.llamastreams.training.data;

import io.llamastreams.serving.chat.ChatForm;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.training.network.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Batches for supervised fine-tuning: dialogues in Llama 2's chat form, one behind another until the batch is full; only the
 * tokens of the answer and the EOS behind it are learnt. Source: Touvron et al. 2023, section 3.1.
 *
 * <pre>
 *   BOS [INST] ... [/INST]  answer  EOS | BOS [INST] ...
 *   no target               targets
 * </pre>
 *
 * As in the paper dialogues are packed to the context's length; other than there, attention does not reach over their borders
 * and positions count from 0 in each, which is how the model will be asked.
 */
public final class PackedDialogues implements BatchSource {
    private final DialogueSource source;
    private final Tokenizer tokenizer;
    private final int rows;
    private final int rowLength;
    private long index;

    /** A dialogue as tokens, of which those from {@code answerStart} on are to be learnt. */
    private record Encoded(int[] tokens, int answerStart) {}

    /**
     * @param rows of a batch
     * @param rowLength the context's length: tokens of a row
     */
    public PackedDialogues(DialogueSource source, Tokenizer tokenizer, int rows, int rowLength) {
        this.source = source;
        this.tokenizer = tokenizer;
        this.rows = rows;
        this.rowLength = rowLength;
    }

    /**
     * As many dialogues as fit.
     *
     * @throws DialogueException if a dialogue is longer than the context, or has no chat form
     */
    @Override
    public TokenBatch next() {
        List<Encoded> packed = new ArrayList<>();
        int total = 0;
        // The rows are one behind another and have no borders of their own, since attention keeps to dialogues.
        for (Encoded dialogue = encode(index);
                total + dialogue.tokens.length - 1 <= rows * rowLength;
                dialogue = encode(index)) {
            packed.add(dialogue);
            total += dialogue.tokens.length - 1;
            index++;
        }
        return batch(packed, total);
    }

    private static TokenBatch batch(List<Encoded> dialogues, int total) {
        int[] tokens = new int[total];
        int[] targets = new int[total];
        int[] starts = new int[dialogues.size()];
        int at = 0;
        for (int i = 0; i < dialogues.size(); i++) {
            Encoded dialogue = dialogues.get(i);
            int count = dialogue.tokens.length - 1;
            starts[i] = at;
            System.arraycopy(dialogue.tokens, 0, tokens, at, count);
            System.arraycopy(dialogue.tokens, 1, targets, at, count);
            Arrays.fill(targets, at, at + dialogue.answerStart - 1, TokenBatch.NO_TARGET);
            at += count;
        }
        return new TokenBatch(tokens, targets, starts);
    }

    private Encoded encode(long number) {
        Dialogue dialogue = source.dialogue(number);
        ChatForm.problem(dialogue.messages()).ifPresent(problem -> {
            throw new DialogueException(number, problem);
        });
        int[] prompt = ChatForm.tokens(tokenizer, dialogue.messages());
        int[] answer = tokenizer.encode(dialogue.answer());
        int[] tokens = Arrays.copyOf(prompt, prompt.length + answer.length + 1);
        System.arraycopy(answer, 0, tokens, prompt.length, answer.length);
        tokens[tokens.length - 1] = tokenizer.eosId();
        if (tokens.length > rowLength) {
            throw new DialogueException(
                    number, "expected at most " + rowLength + " tokens with its answer, found " + tokens.length);
        }
        return new Encoded(tokens, prompt.length);
    }

    @Override
    public Position position() {
        return new Position(index, 0);
    }

    @Override
    public void seek(Position position) {
        index = position.index();
    }
}
