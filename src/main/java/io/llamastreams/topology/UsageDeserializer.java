package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Values of the usage topic. */
public final class UsageDeserializer extends MappedDeserializer<UsageRecord> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public UsageDeserializer() {
        super(AvroMapper.USAGE, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public UsageDeserializer(SchemaRegistry registry) {
        super(AvroMapper.USAGE, Optional.of(registry));
    }
}
