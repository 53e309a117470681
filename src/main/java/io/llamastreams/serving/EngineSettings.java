package io.llamastreams.serving;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.SchedulingPolicy;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;

/**
 * How much of the machine an engine takes, how much work it takes on, and how it reads dialogues. Of all this only {@code
 * kvType} and {@code chat} change a text.
 *
 * @param threads that compute, the engine's own among them; 0 for one per physical core
 * @param kernels which implementation of the arithmetic
 * @param weights where the model's weights lie
 * @param maxBatch most sequences that share a step
 * @param maxStepTokens most tokens that a step computes: longer prompts are computed in parts
 * @param kvCacheBytes memory for keys and values; 0 for half of what the machine has available when the model is loaded and
 *     the Java heap had all it may take, and no more than {@code maxBatch} sequences of full context can use
 * @param kvType number format of keys and values
 * @param prefixCache whether prompts that begin alike are computed once
 * @param maxQueuedRequests most prompts inside, those whose end nobody has polled yet included
 * @param maxQueuedTokens most tokens of these prompts and of the texts that they may get
 * @param maxDraftTokens most tokens of a text that are guessed and verified in one step; 0 for none
 * @param sharing between tenants and priorities
 * @param chat the form in which dialogues are set
 */
public record EngineSettings(
        int threads,
        KernelChoice kernels,
        WeightStorage weights,
        int maxBatch,
        int maxStepTokens,
        long kvCacheBytes,
        KvType kvType,
        boolean prefixCache,
        int maxQueuedRequests,
        long maxQueuedTokens,
        int maxDraftTokens,
        SchedulingPolicy sharing,
        ChatTemplateSource chat) {

    private static final int MAX_THREADS = 1024;
    private static final int MAX_BATCH = 1 << 12;
    private static final int MAX_STEP_TOKENS = 1 << 14;
    private static final int MAX_DRAFT_TOKENS = 64;

    public static final EngineSettings DEFAULT = new EngineSettings(
            0, KernelChoice.AUTO, WeightStorage.PACKED, 32, 512, 0, KvType.F32, true, 1024, 1L << 20);

    /** @throws EngineSettingsException if one is out of range */
    public EngineSettings {
        range("threads", threads, 0, MAX_THREADS);
        range("max batch", maxBatch, 1, MAX_BATCH);
        range("max step tokens", maxStepTokens, 1, MAX_STEP_TOKENS);
        range("KV cache bytes", kvCacheBytes, 0, Long.MAX_VALUE);
        range("max queued requests", maxQueuedRequests, 1, Integer.MAX_VALUE);
        range("max queued tokens", maxQueuedTokens, 1, Long.MAX_VALUE);
        range("max draft tokens", maxDraftTokens, 0, MAX_DRAFT_TOKENS);
    }

    /** Without drafts, shared equally, with Llama 2's own chat form. */
    public EngineSettings(
            int threads,
            KernelChoice kernels,
            WeightStorage weights,
            int maxBatch,
            int maxStepTokens,
            long kvCacheBytes,
            KvType kvType,
            boolean prefixCache,
            int maxQueuedRequests,
            long maxQueuedTokens) {
        this(
                threads,
                kernels,
                weights,
                maxBatch,
                maxStepTokens,
                kvCacheBytes,
                kvType,
                prefixCache,
                maxQueuedRequests,
                maxQueuedTokens,
                0,
                SchedulingPolicy.EQUAL,
                new ChatTemplateSource.Llama2());
    }

    public EngineSettings withMaxDraftTokens(int newMaxDraftTokens) {
        return with(newMaxDraftTokens, sharing, chat);
    }

    public EngineSettings withSharing(SchedulingPolicy newSharing) {
        return with(maxDraftTokens, newSharing, chat);
    }

    public EngineSettings withChat(ChatTemplateSource newChat) {
        return with(maxDraftTokens, sharing, newChat);
    }

    private EngineSettings with(int newMaxDraftTokens, SchedulingPolicy newSharing, ChatTemplateSource newChat) {
        return new EngineSettings(
                threads,
                kernels,
                weights,
                maxBatch,
                maxStepTokens,
                kvCacheBytes,
                kvType,
                prefixCache,
                maxQueuedRequests,
                maxQueuedTokens,
                newMaxDraftTokens,
                newSharing,
                newChat);
    }

    /** What the engine takes on. */
    EngineLimits limits() {
        return new EngineLimits(maxBatch, maxStepTokens, maxQueuedRequests, maxQueuedTokens, maxDraftTokens, sharing);
    }

    private static void range(String name, long value, long least, long most) {
        if (value < least || value > most) {
            String bounds = most >= Integer.MAX_VALUE ? "at least " + least : least + " to " + most;
            throw new EngineSettingsException(name, bounds, value);
        }
    }
}
