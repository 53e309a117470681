package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** What comes out on the topic of differences. */
public final class DifferenceDeserializer extends MappedDeserializer<DifferenceRecord> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public DifferenceDeserializer() {
        super(AvroMapper.DIFFERENCE, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public DifferenceDeserializer(SchemaRegistry registry) {
        super(AvroMapper.DIFFERENCE, Optional.of(registry));
    }
}
