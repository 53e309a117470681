package io.llamastreams.topology.record;

import java.util.Locale;

/**
 * Where a prompt record lies. Unlike the user's id it is unique, so it names the prompt inside the processor.
 *
 * @param topic of the record
 * @param partition of the topic
 * @param offset in the partition
 */
public record Origin(String topic, int partition, long offset) {

    /** Key in the pending store; keys of a partition sort by offset. */
    public String storeKey() {
        return String.format(Locale.ROOT, "%s-%d-%019d", topic, partition, offset);
    }
}
