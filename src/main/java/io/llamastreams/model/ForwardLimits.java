package io.llamastreams.model;

/**
 * Sizes that a forward pass takes its memory for.
 *
 * @param maxRows most tokens in one batch
 * @param maxLogitRows most tokens in one batch whose logits are wanted
 * @param kvBlocks blocks in the KV pool
 */
public record ForwardLimits(int maxRows, int maxLogitRows, int kvBlocks) {
    public ForwardLimits {
        if (maxRows < 1 || maxLogitRows < 1 || kvBlocks < 1) {
            throw new IllegalArgumentException("forward limits: expected at least 1 each, found rows " + maxRows
                    + ", logit rows " + maxLogitRows + ", KV blocks " + kvBlocks);
        }
    }
}
