package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.llamastreams.app.broker.EmbeddedBroker;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.config.TimeSource;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.serde.PromptSerializer;
import io.llamastreams.topology.serde.RecordMapping;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker with the project's topics, and clients that read only what was committed. */
final class TestCluster implements AutoCloseable {
    static final int PARTITIONS = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** Real time; services in these tests run for real. */
    static final TimeSource TIME = new TimeSource() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public Instant instant() {
            return Instant.now();
        }

        @Override
        public void await(Duration time) {
            try {
                TimeUnit.NANOSECONDS.sleep(time.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    };

    final String registryUrl;
    private final EmbeddedBroker broker = EmbeddedBroker.startTemporary();

    TestCluster(String registryUrl) {
        this.registryUrl = registryUrl;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            Topics.ensure(admin, TopicNames.DEFAULT, PARTITIONS, (short) 1);
        }
    }

    TopologyConfig config(Map<String, String> more) {
        Map<String, String> config = new HashMap<>(Map.of(
                "bootstrap.servers",
                broker.bootstrap(),
                "schema.registry.url",
                registryUrl,
                "llama.threads",
                "1",
                "llama.kv.cache.bytes",
                "8000000"));
        config.putAll(more);
        return TopologyConfig.of(config);
    }

    void send(Collection<Prompt> prompts) {
        try (PromptSerializer serializer = new PromptSerializer();
                KafkaProducer<String, Prompt> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.bootstrap()), new StringSerializer(), serializer)) {
            serializer.configure(Map.of("schema.registry.url", registryUrl), false);
            int i = 0;
            for (Prompt prompt : prompts) {
                producer.send(
                        new ProducerRecord<>(TopicNames.DEFAULT.prompts(), i++ % PARTITIONS, prompt.id(), prompt));
            }
            producer.flush();
        }
    }

    void sendRaw(int partition, byte[] key, byte[] value) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "max.request.size", "2000000"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(TopicNames.DEFAULT.prompts(), partition, key, value));
            producer.flush();
        }
    }

    /** Everything that is committed on a topic by now. */
    <V> List<ConsumerRecord<byte[], V>> readAll(String topic, Deserializer<V> deserializer) {
        return read(topic, deserializer, 0, PATIENCE);
    }

    /** Everything on a topic, once at least so many records are there or the time is over. */
    <V> List<ConsumerRecord<byte[], V>> read(String topic, Deserializer<V> deserializer, int count, Duration timeout) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers", broker.bootstrap(),
                "isolation.level", "read_committed",
                "enable.auto.commit", "false",
                "auto.offset.reset", "earliest");
        List<ConsumerRecord<byte[], V>> records = new ArrayList<>();
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        try (KafkaConsumer<byte[], V> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), deserializer)) {
            // a topic that has just been created is not known at once
            await().atMost(PATIENCE)
                    .pollInSameThread()
                    .until(() -> !consumer.partitionsFor(topic).isEmpty());
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (true) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                boolean atEnd = partitions.stream().allMatch(p -> consumer.position(p) >= ends.get(p));
                if (atEnd && records.size() >= count || System.nanoTime() > deadlineNanos) {
                    return records;
                }
            }
        }
    }

    /** All completions, once at least so many are there; fails if they do not come. */
    List<CompletionRecord> completions(int count) {
        List<CompletionRecord> completions =
                read(TopicNames.DEFAULT.completions(), configured(RecordMappings.COMPLETION), count, PATIENCE).stream()
                        .map(ConsumerRecord::value)
                        .toList();
        assertThat(completions.size()).as("completions after %s", PATIENCE).isGreaterThanOrEqualTo(count);
        return completions;
    }

    <T> Deserializer<T> configured(RecordMapping<T> mapping) {
        return RecordSerdes.deserializer(mapping, Map.of("schema.registry.url", registryUrl));
    }

    @Override
    public void close() {
        broker.close();
    }
}
