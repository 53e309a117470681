package io.llamastreams.model;

import io.llamastreams.tensor.kernel.KvType;

/**
 * Sizes that a forward pass takes its memory for.
 *
 * @param maxRows most tokens in one batch
 * @param maxLogitRows most tokens in one batch whose logits are wanted
 * @param kvBlocks blocks in the KV pool
 * @param kvType number format of the KV pool
 */
public record ForwardLimits(int maxRows, int maxLogitRows, int kvBlocks, KvType kvType) {
    public ForwardLimits {
        if (maxRows < 1 || maxLogitRows < 1 || kvBlocks < 1) {
            throw new IllegalArgumentException("forward limits: expected at least 1 each, found rows " + maxRows
                    + ", logit rows " + maxLogitRows + ", KV blocks " + kvBlocks);
        }
    }

    /** With a KV pool of f32. */
    public ForwardLimits(int maxRows, int maxLogitRows, int kvBlocks) {
        this(maxRows, maxLogitRows, kvBlocks, KvType.F32);
    }
}
