package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Values of the topic of batches. */
public final class BatchDeserializer extends MappedDeserializer<BatchRecord> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public BatchDeserializer() {
        super(AvroBatches.BATCH, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public BatchDeserializer(SchemaRegistry registry) {
        super(AvroBatches.BATCH, Optional.of(registry));
    }
}
