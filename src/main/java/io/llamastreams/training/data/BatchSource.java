package io.llamastreams.training.data;

import io.llamastreams.training.network.TokenBatch;

/** An endless row of batches that can be left at any place and entered there again. Training thread only. */
public interface BatchSource {

    /** The next batch; it has at least one target. */
    TokenBatch next();

    /** Where the next batch begins. */
    Position position();

    /** Goes there. */
    void seek(Position position);

    /**
     * A place between two batches.
     *
     * @param index number of the text or dialogue
     * @param offset tokens of it that are done
     */
    record Position(long index, int offset) {
        public static final Position START = new Position(0, 0);

        public Position {
            if (index < 0 || offset < 0) {
                throw new IllegalArgumentException(
                        "position: expected index and offset of at least 0, found " + index + " and " + offset);
            }
        }
    }
}
