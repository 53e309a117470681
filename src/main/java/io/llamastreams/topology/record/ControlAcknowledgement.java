package io.llamastreams.topology.record;

/**
 * A command was carried out on a partition: no prompt that was pending there and that it is about is pending any more.
 *
 * @param commandId the command's id
 * @param topic the control topic
 * @param partition of the control topic and of the prompts topic
 * @param instance who carried it out
 * @param cancelled prompts of the partition that it ended
 */
public record ControlAcknowledgement(String commandId, String topic, int partition, String instance, long cancelled)
        implements Departure {}
