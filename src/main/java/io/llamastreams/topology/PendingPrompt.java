package io.llamastreams.topology;

import io.llamastreams.serving.Prompt;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/**
 * A prompt that was taken in and has not ended yet, with all that its completion needs.
 *
 * @param origin where the record lies
 * @param timestamp of the record, epoch milliseconds
 * @param key of the record
 * @param headers of the record
 * @param prompt what is asked for
 */
record PendingPrompt(Origin origin, long timestamp, Optional<byte[]> key, Headers headers, Prompt prompt) {}
