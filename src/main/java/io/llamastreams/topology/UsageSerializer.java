package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Totals for the usage topic. */
final class UsageSerializer extends MappedSerializer<UsageRecord> {

    /** To be configured, with the keys of {@link MappedSerializer#configure}. */
    public UsageSerializer() {
        super(AvroMapper.USAGE, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public UsageSerializer(SchemaRegistry registry) {
        super(AvroMapper.USAGE, Optional.of(registry));
    }
}
