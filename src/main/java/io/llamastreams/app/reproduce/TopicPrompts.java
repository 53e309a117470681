package io.llamastreams.app.reproduce;

import io.llamastreams.app.client.ClusterException;
import io.llamastreams.app.jsonl.LineageFields;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.registry.UnknownSchemaException;
import io.llamastreams.serving.Prompt;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Prompts where they lie on their topic. Completions come nearly in the order of their prompts, so the records behind one that
 * was looked for are kept for a while. One thread.
 */
public final class TopicPrompts implements PromptSource {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int MAX_KEPT = 10_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Deserializer<Prompt> deserializer;
    private final LongSupplier nanoClock;
    private final Map<LineageFields.Place, ConsumerRecord<byte[], byte[]>> kept = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<LineageFields.Place, ConsumerRecord<byte[], byte[]>> eldest) {
            return size() > MAX_KEPT;
        }
    };

    /**
     * Opens a consumer.
     *
     * @param settings of Kafka's consumer, {@code bootstrap.servers} among them
     * @param deserializer configured; closed with this
     * @throws ClusterException if Kafka refuses the settings
     */
    public TopicPrompts(Map<String, Object> settings, Deserializer<Prompt> deserializer, LongSupplier nanoClock) {
        this.deserializer = deserializer;
        this.nanoClock = nanoClock;
        Map<String, Object> own = new HashMap<>(settings);
        own.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        own.remove(ConsumerConfig.GROUP_ID_CONFIG);
        try {
            consumer = new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw new ClusterException("consumer: " + ClusterException.reason(e), e);
        }
    }

    @Override
    public Optional<RequestLine.Accepted> find(Recorded completion) {
        return completion
                .lineage()
                .flatMap(LineageFields::place)
                .flatMap(this::record)
                .flatMap(this::prompt)
                .map(prompt -> new RequestLine.Accepted(prompt, Optional.empty()));
    }

    private Optional<Prompt> prompt(ConsumerRecord<byte[], byte[]> found) {
        try {
            return Optional.of(deserializer.deserialize(found.topic(), found.headers(), found.value()));
        } catch (RecordFormatException | UnknownSchemaException e) {
            return Optional.empty();
        }
    }

    private Optional<ConsumerRecord<byte[], byte[]>> record(LineageFields.Place place) {
        ConsumerRecord<byte[], byte[]> known = kept.remove(place);
        return known == null ? read(place) : Optional.of(known);
    }

    private Optional<ConsumerRecord<byte[], byte[]>> read(LineageFields.Place place) {
        TopicPartition partition = new TopicPartition(place.topic(), place.partition());
        if (place.partition() < 0 || place.offset() < 0) {
            return Optional.empty();
        }
        try {
            if (!consumer.assignment().contains(partition)) {
                consumer.assign(List.of(partition));
            }
            long end = consumer.endOffsets(List.of(partition), PATIENCE).get(partition);
            if (place.offset() >= end) {
                return Optional.empty();
            }
            consumer.seek(partition, place.offset());
            long deadlineNanos = nanoClock.getAsLong() + PATIENCE.toNanos();
            boolean passed = false;
            while (!passed && !kept.containsKey(place) && nanoClock.getAsLong() < deadlineNanos) {
                for (ConsumerRecord<byte[], byte[]> found : consumer.poll(POLL)) {
                    kept.put(new LineageFields.Place(found.topic(), found.partition(), found.offset()), found);
                }
                passed = consumer.position(partition) > place.offset();
            }
            return Optional.ofNullable(kept.remove(place));
        } catch (OffsetOutOfRangeException e) {
            return Optional.empty(); // deleted by the topic's retention
        } catch (KafkaException e) {
            throw new ClusterException("topic " + place.topic() + ": " + ClusterException.reason(e), e);
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(5)));
        deserializer.close();
    }
}
