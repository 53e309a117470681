package io.llamastreams.training.data;

import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.training.network.TokenBatch;
import java.util.Arrays;

/**
 * Batches for pre-training: texts one behind another, each between BOS and EOS, cut into rows of the context's length
 * wherever that falls, and every token is learnt from those before it in its row. Source: Touvron et al. 2023, section 2.
 */
public final class PackedTexts implements BatchSource {
    private final TextSource source;
    private final Tokenizer tokenizer;
    private final int rows;
    private final int rowLength;

    private long index;
    private int offset;
    private int[] current;

    /**
     * @param rows of a batch
     * @param rowLength tokens of a row
     */
    public PackedTexts(TextSource source, Tokenizer tokenizer, int rows, int rowLength) {
        this.source = source;
        this.tokenizer = tokenizer;
        this.rows = rows;
        this.rowLength = rowLength;
        seek(Position.START);
    }

    @Override
    public TokenBatch next() {
        int count = rows * rowLength;
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = take();
        }
        int[] targets = Arrays.copyOfRange(tokens, 1, count + 1);
        targets[count - 1] = current[offset];
        int[] starts = new int[rows];
        Arrays.setAll(starts, row -> row * rowLength);
        return new TokenBatch(tokens, targets, starts);
    }

    /** The next token; afterwards {@code current[offset]} is the one behind it. */
    private int take() {
        int token = current[offset++];
        if (offset == current.length) {
            index++;
            enter(0);
        }
        return token;
    }

    private void enter(int newOffset) {
        int[] text = tokenizer.encodeWithBos(source.text(index));
        current = Arrays.copyOf(text, text.length + 1);
        current[text.length] = tokenizer.eosId();
        if (newOffset >= current.length) {
            throw new IllegalArgumentException(
                    "text " + index + ": expected a position below " + current.length + ", found " + newOffset);
        }
        offset = newOffset;
    }

    @Override
    public Position position() {
        return new Position(index, offset);
    }

    @Override
    public void seek(Position position) {
        index = position.index();
        enter(position.offset());
    }
}
