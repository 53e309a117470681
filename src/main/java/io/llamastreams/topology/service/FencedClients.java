package io.llamastreams.topology.service;

import io.llamastreams.topology.prompt.PromptProcessor;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Kafka's clients as Kafka Streams makes them itself, but for producers that cannot commit once their instance has lost its
 * place in the group.
 *
 * <p>Under exactly-once (version 2) it is the offsets of a transaction that the group's coordinator holds against the group's
 * generation; a transaction without any is committed for anybody (Kafka 4.3.1: {@code sendOffsetsToTransaction} does nothing
 * with an empty map). A tick that sends outcomes while no new prompt comes in makes just such a transaction. An instance that
 * was silent for longer than its session, and does not know yet that others have its partitions, would commit completions that
 * those others make again. So a transaction without offsets gets one, of a partition that nobody in the group consumes.
 *
 * <p>Any thread.
 */
final class FencedClients implements KafkaClientSupplier {
    private final Map<TopicPartition, OffsetAndMetadata> fence;

    /**
     * Names what is committed where there is nothing to commit.
     *
     * @param neverConsumed of a topic that exists, that instances may read, and that no member of the group consumes; its
     *     offset in the group says nothing
     */
    FencedClients(TopicPartition neverConsumed) {
        fence = Map.of(neverConsumed, new OffsetAndMetadata(0));
    }

    /** With the changelog of pending prompts, which is read at restores, but never by the group. */
    static FencedClients of(String applicationId) {
        return new FencedClients(
                new TopicPartition(applicationId + "-" + PromptProcessor.PENDING_STORE + "-changelog", 0));
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new FencedProducer(config, fence);
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        return consumer(config);
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return consumer(config);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return consumer(config);
    }

    private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static final class FencedProducer extends KafkaProducer<byte[], byte[]> {
        private final Map<TopicPartition, OffsetAndMetadata> fence;

        FencedProducer(Map<String, Object> config, Map<TopicPartition, OffsetAndMetadata> fence) {
            super(config, new ByteArraySerializer(), new ByteArraySerializer());
            this.fence = fence;
        }

        @Override
        public void sendOffsetsToTransaction(
                Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata groupMetadata) {
            super.sendOffsetsToTransaction(offsets.isEmpty() ? fence : offsets, groupMetadata);
        }
    }
}
