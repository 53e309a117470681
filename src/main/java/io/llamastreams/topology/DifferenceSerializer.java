package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** What goes to the topic of differences. */
final class DifferenceSerializer extends MappedSerializer<DifferenceRecord> {

    /** @param registry stays the caller's, who closes it */
    DifferenceSerializer(SchemaRegistry registry) {
        super(AvroMapper.DIFFERENCE, Optional.of(registry));
    }
}
