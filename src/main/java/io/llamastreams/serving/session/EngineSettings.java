package io.llamastreams.serving.session;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.serving.chat.ChatTemplateSource;

/**
 * How much of the machine an engine takes, how much work it takes on, and how it reads dialogues. Of all this only the type of
 * keys and values and {@code chat} change a text.
 *
 * @param compute what it computes with
 * @param kvCache how it keeps keys and values
 * @param limits what it takes on
 * @param chat the form in which dialogues are set
 */
public record EngineSettings(
        ComputeSettings compute, KvCacheSettings kvCache, EngineLimits limits, ChatTemplateSource chat) {

    public static final EngineSettings DEFAULT = new EngineSettings(
            ComputeSettings.DEFAULT, KvCacheSettings.DEFAULT, new EngineLimits(32, 512, 1024, 1L << 20));

    /** With Llama 2's own chat form. */
    public EngineSettings(ComputeSettings compute, KvCacheSettings kvCache, EngineLimits limits) {
        this(compute, kvCache, limits, new ChatTemplateSource.Llama2());
    }
}
