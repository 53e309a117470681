package io.llamastreams.faults;

import io.llamastreams.topology.serde.RecordMapping;
import io.llamastreams.topology.serde.RecordSerdes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads what is committed on a topic. Stateless. */
final class CommittedTopic {

    private static final Duration POLL = Duration.ofMillis(200);

    private CommittedTopic() {}

    /** A consumer that stands at the beginning of all partitions, and belongs to no group. */
    static <V> KafkaConsumer<byte[], V> consumer(String bootstrap, String topic, Deserializer<V> deserializer) {
        KafkaConsumer<byte[], V> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "isolation.level", "read_committed",
                        "enable.auto.commit", "false",
                        "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                deserializer);
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    static <T> Deserializer<T> configured(RecordMapping<T> mapping) {
        return RecordSerdes.deserializer(mapping, Map.of("schema.registry.url", WorkerSettings.REGISTRY_URL));
    }

    static String where(ConsumerRecord<?, ?> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    /** Hands on everything that is committed by now. */
    static <V> void read(
            String bootstrap, String topic, Deserializer<V> deserializer, Consumer<ConsumerRecord<byte[], V>> records) {
        try (KafkaConsumer<byte[], V> consumer = consumer(bootstrap, topic, deserializer)) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            while (!ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                consumer.poll(POLL).forEach(records);
            }
        }
    }

    /** Whether no transaction is open on a topic, which might still bring records. */
    static boolean isQuiet(Admin admin, String topic) throws InterruptedException {
        try {
            List<TopicPartition> partitions =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            return ends(admin, partitions, IsolationLevel.READ_COMMITTED)
                    .equals(ends(admin, partitions, IsolationLevel.READ_UNCOMMITTED));
        } catch (ExecutionException e) {
            throw new KafkaException("topic " + topic, e.getCause());
        }
    }

    private static Map<TopicPartition, Long> ends(
            Admin admin, List<TopicPartition> partitions, IsolationLevel isolation)
            throws InterruptedException, ExecutionException {
        return admin
                .listOffsets(
                        partitions.stream().collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest())),
                        new ListOffsetsOptions(isolation))
                .all()
                .get()
                .entrySet()
                .stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, end -> end.getValue().offset()));
    }
}
