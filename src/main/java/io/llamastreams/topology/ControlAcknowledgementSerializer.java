package io.llamastreams.topology;

import io.llamastreams.registry.SchemaRegistry;
import java.util.Optional;

/** Acknowledgements of commands. */
final class ControlAcknowledgementSerializer extends MappedSerializer<ControlAcknowledgement> {

    /** To be configured, with the keys of {@link MappedSerializer#configure}. */
    public ControlAcknowledgementSerializer() {
        super(AvroMapper.CONTROL_ACKNOWLEDGEMENT, Optional.empty());
    }

    /** @param registry stays the caller's, who closes it */
    public ControlAcknowledgementSerializer(SchemaRegistry registry) {
        super(AvroMapper.CONTROL_ACKNOWLEDGEMENT, Optional.of(registry));
    }
}
