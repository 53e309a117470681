package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** What comes in on the prompts topic. */
final class PromptDeserializer extends MappedDeserializer<IncomingPrompt> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public PromptDeserializer() {
        super(AvroMapper.INCOMING, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public PromptDeserializer(SchemaRegistry registry) {
        super(AvroMapper.INCOMING, Optional.of(registry));
    }
}
