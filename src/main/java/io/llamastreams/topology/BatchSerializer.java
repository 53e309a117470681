package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Batches for their topic. */
final class BatchSerializer extends MappedSerializer<BatchRecord> {

    /** To be configured, with the keys of {@link MappedSerializer#configure}. */
    public BatchSerializer() {
        super(AvroBatches.BATCH, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public BatchSerializer(SchemaRegistry registry) {
        super(AvroBatches.BATCH, Optional.of(registry));
    }
}
