package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Map;
import java.util.Optional;

/** Keys of the usage topic. */
public final class UsageKeyDeserializer extends MappedDeserializer<UsageKey> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public UsageKeyDeserializer() {
        super(AvroMapper.USAGE_KEY, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public UsageKeyDeserializer(SchemaRegistry registry) {
        super(AvroMapper.USAGE_KEY, Optional.of(registry));
        configure(Map.of(), true);
    }
}
