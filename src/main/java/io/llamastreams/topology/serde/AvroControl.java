package io.llamastreams.topology.serde;

import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.schema.ControlAction;
import io.llamastreams.topology.record.ControlAcknowledgement;
import io.llamastreams.topology.record.ControlCommand;
import io.llamastreams.topology.record.StoredCommand;
import java.util.Optional;

/** Commands and their acknowledgements. Any thread. */
final class AvroControl {
    private AvroControl() {}

    static io.llamastreams.schema.ControlCommand command(ControlCommand command) {
        return new io.llamastreams.schema.ControlCommand(
                command.id(),
                ControlAction.CANCEL,
                command.requestId().orElse(null),
                command.batchId().orElse(null),
                command.tenant().orElse(null),
                command.reason());
    }

    static ControlCommand command(io.llamastreams.schema.ControlCommand command) {
        switch (command.getAction()) {
            case CANCEL -> {}
            case UNKNOWN ->
                throw new RecordFormatException("action: written by a newer version that knows more of them");
        }
        if (command.getId().isEmpty()) {
            throw new RecordFormatException("id: expected text, found none");
        }
        try {
            return new ControlCommand(
                    command.getId(),
                    Optional.ofNullable(command.getRequestId()),
                    Optional.ofNullable(command.getBatchId()),
                    Optional.ofNullable(command.getTenant()),
                    command.getReason());
        } catch (IllegalArgumentException e) {
            throw new RecordFormatException(e.getMessage());
        }
    }

    static io.llamastreams.schema.ControlAcknowledgement acknowledgement(ControlAcknowledgement acknowledgement) {
        return new io.llamastreams.schema.ControlAcknowledgement(
                acknowledgement.commandId(),
                acknowledgement.topic(),
                acknowledgement.partition(),
                acknowledgement.instance(),
                acknowledgement.cancelled());
    }

    static ControlAcknowledgement acknowledgement(io.llamastreams.schema.ControlAcknowledgement acknowledgement) {
        return new ControlAcknowledgement(
                acknowledgement.getCommandId(),
                acknowledgement.getTopic(),
                acknowledgement.getPartition(),
                acknowledgement.getInstance(),
                acknowledgement.getCancelled());
    }

    static io.llamastreams.schema.StoredCommand stored(StoredCommand stored) {
        return new io.llamastreams.schema.StoredCommand(
                command(stored.command()),
                stored.timestamp(),
                stored.topic(),
                stored.partition(),
                stored.cancelled(),
                stored.acknowledged());
    }

    static StoredCommand stored(io.llamastreams.schema.StoredCommand stored) {
        return new StoredCommand(
                command(stored.getCommand()),
                stored.getTimestamp(),
                stored.getTopic(),
                stored.getPartition(),
                stored.getCancelled(),
                stored.getAcknowledged());
    }
}
