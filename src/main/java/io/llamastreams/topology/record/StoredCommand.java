package io.llamastreams.topology.record;

/**
 * A command that a partition has received.
 *
 * @param command what is to be done
 * @param timestamp when it was received, epoch milliseconds
 * @param topic the control topic
 * @param partition of that topic
 * @param cancelled prompts that it ended until now
 * @param acknowledged whether its sender was told
 */
public record StoredCommand(
        ControlCommand command, long timestamp, String topic, int partition, long cancelled, boolean acknowledged) {

    public StoredCommand plusCancelled() {
        return new StoredCommand(command, timestamp, topic, partition, cancelled + 1, acknowledged);
    }

    public StoredCommand asAcknowledged() {
        return new StoredCommand(command, timestamp, topic, partition, cancelled, true);
    }
}
