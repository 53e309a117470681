package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Completions for the completions topic. */
final class CompletionSerializer extends MappedSerializer<CompletionRecord> {

    /** To be configured, with the keys of {@link MappedSerializer#configure}. */
    public CompletionSerializer() {
        super(AvroMapper.COMPLETION, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public CompletionSerializer(SchemaRegistry registry) {
        super(AvroMapper.COMPLETION, Optional.of(registry));
    }
}
