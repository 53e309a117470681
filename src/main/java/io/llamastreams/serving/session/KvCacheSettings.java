package io.llamastreams.serving.session;

import io.llamastreams.engine.request.EngineSetting;
import io.llamastreams.tensor.kernel.KvType;

/**
 * How an engine keeps keys and values. Only {@code type} changes a text.
 *
 * @param bytes memory for them; 0 for half of what the machine has available when the model is loaded and the Java heap had
 *     all it may take, and no more than a whole batch of full contexts can use
 * @param type their number format
 * @param sharesPrefixes whether prompts that begin alike are computed once
 */
public record KvCacheSettings(long bytes, KvType type, boolean sharesPrefixes) {

    public static final KvCacheSettings DEFAULT = new KvCacheSettings(0, KvType.F32, true);

    /** @throws io.llamastreams.engine.request.EngineSettingsException if there cannot be so many bytes */
    public KvCacheSettings {
        EngineSetting.KV_CACHE_BYTES.check(bytes);
    }
}
