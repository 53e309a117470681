package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.llamastreams.app.broker.EmbeddedBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Transactions without offsets, as ticks make them, and the group. Found by a fault run (classic protocol, seed 3): a worker
 * whose connections were silent for longer than its session sent the completion of a prompt that others had by then.
 */
@Timeout(180)
@SuppressWarnings("FutureReturnValueIgnored") // the end of the transaction says whether all was sent
class FencedClientsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String GROUP = "workers";
    private static final String INPUT = "input";
    private static final String OUTPUT = "output";
    private static final TopicPartition NEVER_CONSUMED = new TopicPartition("store-changelog", 0);

    private final FencedClients clients = new FencedClients(NEVER_CONSUMED);
    private EmbeddedBroker broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = EmbeddedBroker.startTemporary();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        admin.createTopics(List.of(
                        new NewTopic(INPUT, 1, (short) 1),
                        new NewTopic(OUTPUT, 1, (short) 1),
                        new NewTopic(NEVER_CONSUMED.topic(), 1, (short) 1)))
                .all()
                .get();
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void whoHasLostItsPlaceInTheGroupCannotCommitATransactionWithoutOffsets() {
        ConsumerGroupMetadata lost;
        try (Consumer<byte[], byte[]> member = member()) {
            lost = member.groupMetadata();
        }
        try (Consumer<byte[], byte[]> successor = member();
                Producer<byte[], byte[]> producer = producer("zombie")) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(OUTPUT, new byte[] {1}));
            assertThatThrownBy(() -> producer.sendOffsetsToTransaction(Map.of(), lost))
                    .isInstanceOf(CommitFailedException.class);
            producer.abortTransaction();
            assertThat(committed()).isZero();
            assertThat(successor.assignment()).containsExactly(new TopicPartition(INPUT, 0));
        }
    }

    @Test
    void aMemberCommitsATransactionWithoutOffsetsAndNoOffsetOfItsInputMoves() throws Exception {
        try (Consumer<byte[], byte[]> member = member();
                Producer<byte[], byte[]> producer = producer("member")) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(OUTPUT, new byte[] {1}));
            producer.sendOffsetsToTransaction(Map.of(), member.groupMetadata());
            producer.commitTransaction();
        }
        await().atMost(PATIENCE).until(() -> committed() == 1);
        assertThat(admin.listConsumerGroupOffsets(GROUP)
                        .partitionsToOffsetAndMetadata()
                        .get())
                .containsOnlyKeys(NEVER_CONSUMED);
    }

    private Consumer<byte[], byte[]> member() {
        Consumer<byte[], byte[]> member = clients.getConsumer(
                Map.of("bootstrap.servers", broker.bootstrap(), "group.id", GROUP, "enable.auto.commit", false));
        member.subscribe(List.of(INPUT));
        await().atMost(PATIENCE).pollInSameThread().until(() -> {
            member.poll(Duration.ofMillis(100));
            return !member.assignment().isEmpty();
        });
        return member;
    }

    private Producer<byte[], byte[]> producer(String transactionalId) {
        return clients.getProducer(
                Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", transactionalId));
    }

    /** Records that are committed on the output by now. */
    private int committed() {
        TopicPartition output = new TopicPartition(OUTPUT, 0);
        try (Consumer<byte[], byte[]> reader = clients.getConsumer(
                Map.of("bootstrap.servers", broker.bootstrap(), "isolation.level", "read_committed"))) {
            reader.assign(List.of(output));
            reader.seekToBeginning(List.of(output));
            int count = 0;
            long end = reader.endOffsets(List.of(output)).get(output);
            while (reader.position(output) < end) {
                count += reader.poll(Duration.ofMillis(100)).count();
            }
            return count;
        }
    }
}
