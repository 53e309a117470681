package io.llamastreams.serving.session;

import io.llamastreams.engine.request.EngineSetting;
import io.llamastreams.engine.request.EngineSettingsException;
import io.llamastreams.model.ForwardLimits;
import io.llamastreams.model.KvPages;
import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.kernel.KvLayer;

/**
 * How large the memory of an engine's forward pass becomes under given settings.
 *
 * @param limits of the forward pass
 * @param kvBytes of the KV pool
 */
record MemoryPlan(ForwardLimits limits, long kvBytes) {
    /** Numbers in one array of the workspace: an array's length, with room for rounding up. */
    private static final int MAX_FLOATS = 1 << 30;

    /** Tokens of prompts that a step can score, at least. */
    private static final int SCORED_ROWS = 128;

    /** The engine keeps a few words on the heap for each block. */
    private static final int MAX_BLOCKS = 1 << 24;

    /**
     * Plans.
     *
     * @param availableBytes free memory, of which the KV pool takes half unless the settings say how much
     * @param totalBytes memory of the machine
     * @throws EngineSettingsException if the KV pool's size makes no sense
     */
    static MemoryPlan of(LlamaConfig config, EngineSettings settings, long availableBytes, long totalBytes) {
        int widest = Math.max(Math.max(config.embeddingLength(), config.queryWidth()), config.feedForwardLength());
        int rows = Math.min(settings.limits().maxStepTokens(), MAX_FLOATS / widest);
        long wantedLogitRows = Math.max(
                settings.limits().maxBatchSequences() * (1L + settings.limits().maxDraftTokens()), SCORED_ROWS);
        int logitRows =
                Math.toIntExact(Math.min(Math.min(wantedLogitRows, rows), MAX_FLOATS / config.vocabularySize()));
        long blockBytes = KvPages.blockBytes(config, settings.kvCache().type());
        long kvBytes = settings.kvCache().bytes() == 0
                ? defaultKvBytes(config, settings, blockBytes, availableBytes)
                : settings.kvCache().bytes();
        if (kvBytes < blockBytes) {
            throw new EngineSettingsException(
                    EngineSetting.KV_CACHE_BYTES,
                    "at least " + blockBytes + " for " + KvLayer.BLOCK_TOKENS + " tokens",
                    kvBytes);
        }
        if (kvBytes > totalBytes) {
            throw new EngineSettingsException(
                    EngineSetting.KV_CACHE_BYTES, "at most " + totalBytes + ", all there is", kvBytes);
        }
        int blocks = (int) Math.min(kvBytes / blockBytes, MAX_BLOCKS);
        return new MemoryPlan(
                new ForwardLimits(rows, logitRows, blocks, settings.kvCache().type()), blocks * blockBytes);
    }

    /** Tokens that fit the pool, all sequences together. */
    long kvTokens() {
        return (long) limits.kvBlocks() * KvLayer.BLOCK_TOKENS;
    }

    private static long defaultKvBytes(
            LlamaConfig config, EngineSettings settings, long blockBytes, long availableBytes) {
        long blocksPerSequence = Math.ceilDiv(config.contextLength(), KvLayer.BLOCK_TOKENS);
        long usefulBlocks = settings.limits().maxBatchSequences() * blocksPerSequence;
        return Math.min(usefulBlocks, availableBytes / 2 / blockBytes) * blockBytes;
    }
}
