package io.llamastreams.topology.batch;

import io.llamastreams.topology.record.BatchRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The table of batches, of which each instance has a part. What it says may be a moment ahead of what is committed. Any thread.
 */
public interface BatchTable {

    /** Where a batch is, or would be. */
    sealed interface Place {

        /** In this instance's part. */
        record Here() implements Place {}

        /** @param address host:port of the other instance's HTTP endpoint */
        record Elsewhere(String address) implements Place {}

        /** @param reason why nobody can be asked now */
        record Unknown(String reason) implements Place {}
    }

    Place placeOf(String batchId);

    /**
     * A batch of this instance's part.
     *
     * @throws TableUnavailableException if it cannot be asked now
     */
    Optional<BatchRecord> get(String batchId);

    /**
     * Batches of this instance's part, those first that changed last.
     *
     * @param max how many at most
     * @throws TableUnavailableException if it cannot be asked now
     */
    List<BatchRecord> latest(int max);

    /**
     * Addresses of the HTTP endpoints of other instances that have a part.
     *
     * @throws TableUnavailableException if it cannot be asked now
     */
    Set<String> others();
}
