package io.llamastreams.topology.serde;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.serving.Prompt;
import java.util.Optional;

/** Prompts for the prompts topic. */
public final class PromptSerializer extends MappedSerializer<Prompt> {

    /** To be configured, with the keys of {@link MappedSerializer#configure}. */
    public PromptSerializer() {
        super(RecordMappings.PROMPT, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public PromptSerializer(SchemaRegistry registry) {
        super(RecordMappings.PROMPT, Optional.of(registry));
    }
}
