package io.llamastreams.app.client;

import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.registry.UnknownSchemaException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads committed records of a topic: all of them from the beginning, or those that a group has not read yet.
 *
 * <p>A value that cannot be read is reported and skipped. One thread, but for {@link #wakeup}.
 *
 * @param <V> value of a record
 */
public final class TopicReader<V> implements AutoCloseable {

    private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(20);

    /** Takes what was read, in order within a partition. */
    public interface Listener<V> {

        void onValue(V value);

        /** @param where topic, partition and offset */
        void onUnreadable(String where, String reason);

        /** A record without a value, which on a compacted topic takes its key off; elsewhere it cannot be read. */
        default void onDeleted(String where) {
            onUnreadable(where, "expected a record with a value, found none");
        }
    }

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Deserializer<V> deserializer;
    private final Map<TopicPartition, OffsetAndMetadata> delivered = new HashMap<>();
    private Iterator<ConsumerRecord<byte[], byte[]>> received = Collections.emptyIterator();

    private TopicReader(KafkaConsumer<byte[], byte[]> consumer, Deserializer<V> deserializer) {
        this.consumer = consumer;
        this.deserializer = deserializer;
    }

    /**
     * Reads all partitions that the topic has now from their beginnings, as nobody's group.
     *
     * @param settings of Kafka's consumer, {@code bootstrap.servers} among them
     * @param deserializer configured; closed with this reader
     * @throws ClusterException if there is no such topic, or Kafka refuses the settings
     */
    public static <V> TopicReader<V> fromBeginning(
            Map<String, Object> settings, String topic, Deserializer<V> deserializer) {
        return assigned(settings, topic, deserializer, KafkaConsumer::seekToBeginning);
    }

    /** As {@link #fromBeginning}, but only what comes after this call. */
    public static <V> TopicReader<V> fromEnd(Map<String, Object> settings, String topic, Deserializer<V> deserializer) {
        return assigned(settings, topic, deserializer, (consumer, all) -> {
            consumer.seekToEnd(all);
            // seeking waits for the first look otherwise
            all.forEach(consumer::position);
        });
    }

    private static <V> TopicReader<V> assigned(
            Map<String, Object> settings,
            String topic,
            Deserializer<V> deserializer,
            BiConsumer<KafkaConsumer<byte[], byte[]>, Collection<TopicPartition>> start) {
        KafkaConsumer<byte[], byte[]> consumer = consumer(settings, Optional.empty());
        try {
            List<PartitionInfo> partitions = consumer.partitionsFor(topic, METADATA_TIMEOUT);
            if (partitions == null || partitions.isEmpty()) {
                throw new ClusterException("topic " + topic + ": there is none of this name", null);
            }
            Collection<TopicPartition> all = partitions.stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(all);
            start.accept(consumer, all);
            return new TopicReader<>(consumer, deserializer);
        } catch (KafkaException e) {
            close(consumer);
            throw new ClusterException("topic " + topic + ": " + ClusterException.reason(e), e);
        } catch (RuntimeException e) {
            close(consumer);
            throw e;
        }
    }

    /**
     * Reads as a member of a group, from where the group stands and at first from the beginning; {@link #commit} moves it.
     *
     * @throws ClusterException if Kafka refuses the settings
     */
    public static <V> TopicReader<V> asGroup(
            Map<String, Object> settings, String topic, String group, Deserializer<V> deserializer) {
        KafkaConsumer<byte[], byte[]> consumer = consumer(settings, Optional.of(group));
        consumer.subscribe(List.of(topic));
        return new TopicReader<>(consumer, deserializer);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> settings, Optional<String> group) {
        Map<String, Object> consumerSettings = new HashMap<>(settings);
        consumerSettings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        consumerSettings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumerSettings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        consumerSettings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        group.ifPresent(name -> consumerSettings.put(ConsumerConfig.GROUP_ID_CONFIG, name));
        try {
            return new KafkaConsumer<>(consumerSettings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw new ClusterException("consumer: " + ClusterException.reason(e), e);
        }
    }

    /**
     * Waits for records and hands on those that came.
     *
     * @param timeout longest wait for the first of them
     * @param maxRecords most to hand on; others that came wait for the next call
     * @return how many were handed on, unreadable ones included; 0 also after {@link #wakeup}
     * @throws io.llamastreams.registry.SchemaRegistryException if the registry cannot be asked for a schema
     */
    public int poll(Duration timeout, int maxRecords, Listener<? super V> listener) {
        if (!received.hasNext()) {
            try {
                received = consumer.poll(timeout).iterator();
            } catch (WakeupException e) {
                return 0;
            }
        }
        int count = 0;
        while (count < maxRecords && received.hasNext()) {
            ConsumerRecord<byte[], byte[]> found = received.next();
            deliver(found, listener);
            delivered.put(
                    new TopicPartition(found.topic(), found.partition()), new OffsetAndMetadata(found.offset() + 1));
            count++;
        }
        return count;
    }

    private void deliver(ConsumerRecord<byte[], byte[]> found, Listener<? super V> listener) {
        if (found.value() == null) {
            listener.onDeleted(where(found));
            return;
        }
        V value;
        try {
            value = deserializer.deserialize(found.topic(), found.headers(), found.value());
        } catch (KafkaException | RecordFormatException | UnknownSchemaException e) {
            listener.onUnreadable(where(found), ClusterException.reason(e));
            return;
        }
        listener.onValue(value);
    }

    private static String where(ConsumerRecord<?, ?> found) {
        return found.topic() + "-" + found.partition() + " offset " + found.offset();
    }

    /** Moves the group behind what was handed on. Only for a reader as a group. */
    public void commit() {
        consumer.commitSync(delivered);
        delivered.clear();
    }

    /** Ends a {@link #poll} that waits. Any thread. */
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        close(consumer);
        deserializer.close();
    }

    private static void close(KafkaConsumer<?, ?> consumer) {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(5)));
    }
}
