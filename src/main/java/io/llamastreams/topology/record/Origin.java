package io.llamastreams.topology.record;

/**
 * Where a prompt record lies. Unlike the user's id it is unique, so it names the prompt inside the processor.
 *
 * @param topic of the record
 * @param partition of the topic
 * @param offset in the partition
 */
public record Origin(String topic, int partition, long offset) {
    /** Of the greatest offset. */
    private static final int OFFSET_DIGITS = 19;

    /** Key in the pending store; keys of a partition sort by offset. */
    public String storeKey() {
        String digits = Long.toString(offset);
        return topic + "-" + partition + "-" + "0".repeat(OFFSET_DIGITS - digits.length()) + digits;
    }

    /**
     * The place that a key in the pending store names.
     *
     * @throws IllegalArgumentException if it is no such key
     */
    public static Origin ofStoreKey(String storeKey) {
        int offsetAt = storeKey.lastIndexOf('-');
        int partitionAt = storeKey.lastIndexOf('-', offsetAt - 1);
        if (partitionAt < 0) {
            throw new IllegalArgumentException("key: expected topic-partition-offset, found " + storeKey);
        }
        return new Origin(
                storeKey.substring(0, partitionAt),
                Integer.parseInt(storeKey, partitionAt + 1, offsetAt, 10),
                Long.parseLong(storeKey, offsetAt + 1, storeKey.length(), 10));
    }
}
