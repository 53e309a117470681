package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** What comes out on the statistics topic. */
public final class StatisticsDeserializer extends MappedDeserializer<StatisticsRecord> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public StatisticsDeserializer() {
        super(AvroMapper.STATISTICS, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public StatisticsDeserializer(SchemaRegistry registry) {
        super(AvroMapper.STATISTICS, Optional.of(registry));
    }
}
