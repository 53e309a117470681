package io.llamastreams.topology.prompt;

import io.llamastreams.serving.ModelDigests;
import io.llamastreams.serving.PromptInput;

/** Opens a session for each task; one engine stands behind all of them. Any thread. */
public interface PromptSessions {

    PromptSession open();

    /** Name of the model, for completions and statistics. */
    String modelName();

    /** Number format of keys and values, for completions: f32 or f16. */
    String kvType();

    /** Token ids of a prompt, for its beginning; none where it has no form. */
    int[] promptIds(PromptInput input);

    /** What texts are made of, for completions. */
    ModelDigests digests();
}
