package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Statistics for the statistics topic. */
final class StatisticsSerializer extends MappedSerializer<StatisticsRecord> {

    /** To be configured, with the keys of {@link MappedSerializer#configure}. */
    public StatisticsSerializer() {
        super(AvroMapper.STATISTICS, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public StatisticsSerializer(SchemaRegistry registry) {
        super(AvroMapper.STATISTICS, Optional.of(registry));
    }
}
