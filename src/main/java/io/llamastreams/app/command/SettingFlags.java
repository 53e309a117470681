package io.llamastreams.app.command;

import io.llamastreams.engine.request.EngineSetting;
import io.llamastreams.engine.request.EngineSettingsException;
import java.util.Map;

/** The flags that set what an engine is set by. */
final class SettingFlags {
    private static final Map<EngineSetting, String> FLAGS = Map.of(
            EngineSetting.THREADS, "--threads",
            EngineSetting.KERNELS, "--kernels",
            EngineSetting.KV_CACHE_BYTES, "--kv-cache-bytes",
            EngineSetting.MAX_BATCH, "--max-batch",
            EngineSetting.MAX_DRAFT_TOKENS, "--draft-tokens");

    private SettingFlags() {}

    /** The message, with the flag in it that the user gave. */
    static String message(EngineSettingsException error) {
        String flag = FLAGS.get(error.setting());
        return flag == null ? error.getMessage() : error.messageOf(flag);
    }
}
