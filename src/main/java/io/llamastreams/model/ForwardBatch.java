package io.llamastreams.model;

import java.util.Arrays;

/**
 * The rows of one forward pass: a token, its position and the block table of its sequence. Filled anew for each step and
 * reused; not for several threads.
 *
 * <p>Rows of one sequence stand next to each other, in ascending order of positions.
 */
public final class ForwardBatch {
    private final int[] tokens;
    private final int[] positions;
    private final int[][] blockTables;
    private final int[] logitRows;
    private final int[] hiddenRows;
    private int rows;
    private int logitRowCount;
    private int hiddenRowCount;

    public ForwardBatch(int maxRows, int maxLogitRows) {
        tokens = new int[maxRows];
        positions = new int[maxRows];
        blockTables = new int[maxRows][];
        logitRows = new int[maxLogitRows];
        hiddenRows = new int[maxRows];
    }

    public void clear() {
        Arrays.fill(blockTables, 0, rows, null);
        rows = 0;
        logitRowCount = 0;
        hiddenRowCount = 0;
    }

    /**
     * Adds a row whose logits nobody needs (a prompt token that is not the last).
     *
     * @param blockTable block ids by {@code position / blockTokens}; kept, not copied, until {@link #clear}
     * @throws IllegalStateException if the batch is full
     */
    public void add(int token, int position, int[] blockTable) {
        if (rows == tokens.length) {
            throw new IllegalStateException("batch full: " + rows + " rows");
        }
        tokens[rows] = token;
        positions[rows] = position;
        blockTables[rows] = blockTable;
        rows++;
    }

    /**
     * Adds a row whose logits are wanted.
     *
     * @return index of its logits, see {@link ForwardPass#logits()}
     * @throws IllegalStateException if the batch is full
     */
    public int addWithLogits(int token, int position, int[] blockTable) {
        if (logitRowCount == logitRows.length) {
            throw new IllegalStateException("batch full: " + logitRowCount + " rows with logits");
        }
        add(token, position, blockTable);
        logitRows[logitRowCount] = rows - 1;
        return logitRowCount++;
    }

    /**
     * Adds a row whose last hidden state is wanted, and not its logits.
     *
     * @return index of its hidden state, see {@link ForwardPass#hidden()}
     * @throws IllegalStateException if the batch is full
     */
    public int addWithHidden(int token, int position, int[] blockTable) {
        add(token, position, blockTable);
        hiddenRows[hiddenRowCount] = rows - 1;
        return hiddenRowCount++;
    }

    public int rows() {
        return rows;
    }

    public int token(int row) {
        return tokens[row];
    }

    public int position(int row) {
        return positions[row];
    }

    public int[] blockTable(int row) {
        return blockTables[row];
    }

    public int logitRowCount() {
        return logitRowCount;
    }

    /** Row of the batch that the logits with this index belong to. */
    public int logitRow(int logitIndex) {
        return logitRows[logitIndex];
    }

    public int hiddenRowCount() {
        return hiddenRowCount;
    }

    /** Row of the batch that the hidden state with this index belongs to. */
    public int hiddenRow(int hiddenIndex) {
        return hiddenRows[hiddenIndex];
    }
}
