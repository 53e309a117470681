package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Acknowledgements of commands, as their senders read them. */
public final class ControlAcknowledgementDeserializer extends MappedDeserializer<ControlAcknowledgement> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public ControlAcknowledgementDeserializer() {
        super(AvroMapper.CONTROL_ACKNOWLEDGEMENT, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public ControlAcknowledgementDeserializer(SchemaRegistry registry) {
        super(AvroMapper.CONTROL_ACKNOWLEDGEMENT, Optional.of(registry));
    }
}
