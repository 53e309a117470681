package io.llamastreams.topology.serde;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.topology.record.CompletionRecord;
import java.util.Optional;

/** What comes out on the completions topic. */
public final class CompletionDeserializer extends MappedDeserializer<CompletionRecord> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public CompletionDeserializer() {
        super(RecordMappings.COMPLETION, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public CompletionDeserializer(SchemaRegistry registry) {
        super(RecordMappings.COMPLETION, Optional.of(registry));
    }
}
