package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Map;
import java.util.Optional;

/** Keys for the usage topic. */
final class UsageKeySerializer extends MappedSerializer<UsageKey> {

    /** To be configured, with the keys of {@link MappedSerializer#configure}. */
    public UsageKeySerializer() {
        super(AvroMapper.USAGE_KEY, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public UsageKeySerializer(SchemaRegistry registry) {
        super(AvroMapper.USAGE_KEY, Optional.of(registry));
        configure(Map.of(), true);
    }
}
