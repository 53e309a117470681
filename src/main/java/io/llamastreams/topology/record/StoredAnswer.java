package io.llamastreams.topology.record;

import java.util.Optional;

/**
 * The first request of an id.
 *
 * @param origin of the request
 * @param fingerprint of what was asked for
 * @param timestamp when it was taken in or else answered, epoch milliseconds
 * @param completion empty while it is pending
 */
public record StoredAnswer(Origin origin, String fingerprint, long timestamp, Optional<CompletionRecord> completion) {}
