package io.llamastreams.app.command;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.EngineSettingsException;
import io.llamastreams.engine.request.SchedulingPolicy;
import io.llamastreams.serving.session.ComputeSettings;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.KvCacheSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much of the machine an engine takes. Mixed into the commands that run one; only {@code --kv-type} changes a text. */
final class EngineOptions {
    /** Requests inside the engine beyond those in its batch, so that a free place is taken at once. */
    private static final int MIN_QUEUED_REQUESTS = 256;

    /** The number of requests bounds them already: each has at most a context of tokens. */
    private static final long MAX_QUEUED_TOKENS = 1L << 40;

    @Option(
            names = "--max-batch",
            paramLabel = "N",
            description = "Most sequences that are computed together (default: ${DEFAULT-VALUE}).")
    private int maxBatch = EngineSettings.DEFAULT.limits().maxBatchSequences();

    @Option(
            names = "--kv-cache-bytes",
            paramLabel = "BYTES",
            converter = ByteCountConverter.class,
            description =
                    "Memory for keys and values, such as 512M or 8G (default: half of the free memory, but no more than"
                            + " the batch can use).")
    private Long kvCacheBytes;

    @Mixin
    private KvTypeOption kv;

    @Option(names = "--no-prefix-cache", description = "Compute each prompt in full, even if others begin the same.")
    private boolean noPrefixCache;

    @Mixin
    private DraftOption drafts;

    @Mixin
    private ChatTemplateOption chat;

    @Mixin
    private KernelOptions computing;

    @Mixin
    private WeightsOption weights;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /**
     * The settings.
     *
     * @throws ParameterException if one is out of range
     */
    EngineSettings settings() {
        try {
            return unchecked();
        } catch (EngineSettingsException e) {
            throw new ParameterException(command.commandLine(), SettingFlags.message(e), e);
        }
    }

    private EngineSettings unchecked() {
        return new EngineSettings(
                new ComputeSettings(computing.threads(), computing.kernelChoice(), weights.storage()),
                new KvCacheSettings(kvCacheBytes == null ? 0 : kvCacheBytes, kv.type(), !noPrefixCache),
                new EngineLimits(
                        maxBatch,
                        EngineSettings.DEFAULT.limits().maxStepTokens(),
                        Math.max(MIN_QUEUED_REQUESTS, 2 * maxBatch),
                        MAX_QUEUED_TOKENS,
                        drafts.tokens(),
                        SchedulingPolicy.EQUAL),
                chat.source());
    }
}
