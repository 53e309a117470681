package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Commands for the control topic. */
public final class ControlCommandSerializer extends MappedSerializer<ControlCommand> {

    /** To be configured, with the keys of {@link MappedSerializer#configure}. */
    public ControlCommandSerializer() {
        super(AvroMapper.CONTROL_COMMAND, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public ControlCommandSerializer(SchemaRegistry registry) {
        super(AvroMapper.CONTROL_COMMAND, Optional.of(registry));
    }
}
