package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** What comes in on the control topic. */
final class ControlCommandDeserializer extends MappedDeserializer<ControlCommand> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public ControlCommandDeserializer() {
        super(AvroMapper.CONTROL_COMMAND, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public ControlCommandDeserializer(SchemaRegistry registry) {
        super(AvroMapper.CONTROL_COMMAND, Optional.of(registry));
    }
}
