package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code broker}, killed and started again on the same data. */
@Timeout(300)
@SuppressWarnings("FutureReturnValueIgnored") // flushed before it matters
class BrokerKillIT {

    private static final String TOPIC = "events";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** So that some are due at each moment of the broker's return, which takes about ten seconds. */
    private static final int TRANSACTIONS = 20;

    private static final Duration FIRST_END = Duration.ofSeconds(6);
    private static final Duration BETWEEN_ENDS = Duration.ofMillis(500);

    @TempDir
    private Path folder;

    /**
     * Transactions that were open when the broker died must end, or those who read committed records wait for ever. Kafka's
     * coordinator forgot those that it began to end at a certain moment of the start.
     */
    @Test
    void transactionsThatWereOpenWhenTheBrokerWasKilledEnd() throws Exception {
        String bootstrap;
        try (ChildProcess broker = broker("first", "0")) {
            bootstrap = broker.out().strip();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
                admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)))
                        .all()
                        .get();
            }
            for (int i = 0; i < TRANSACTIONS; i++) {
                openTransaction(bootstrap, "dying-" + i, FIRST_END.plus(BETWEEN_ENDS.multipliedBy(i)));
            }
            try (KafkaProducer<String, String> producer = producer(bootstrap, Map.of())) {
                producer.send(new ProducerRecord<>(TOPIC, "behind it"));
            }
            broker.kill();
            broker.await(PATIENCE);
        }
        String port = bootstrap.substring(bootstrap.indexOf(':') + 1);
        try (ChildProcess broker = broker("second", port)) {
            assertThat(committed(bootstrap)).as(broker.describe()).containsExactly("behind it");
            broker.terminate();
            assertThat(broker.await(PATIENCE)).as(broker.describe()).isEqualTo(128 + 15);
        }
    }

    private static void openTransaction(String bootstrap, String id, Duration timeout) {
        KafkaProducer<String, String> dying = producer(
                bootstrap,
                Map.of("transactional.id", id, "transaction.timeout.ms", Math.toIntExact(timeout.toMillis())));
        dying.initTransactions();
        dying.beginTransaction();
        dying.send(new ProducerRecord<>(TOPIC, "never committed"));
        dying.flush();
        dying.close(Duration.ZERO);
    }

    private ChildProcess broker(String name, String port) throws InterruptedException {
        ChildProcess broker = ChildProcess.start(
                folder,
                name,
                List.of(
                        "broker",
                        "--port",
                        port,
                        "--data",
                        folder.resolve("data").toString()));
        broker.awaitOut(text -> text.endsWith("\n"), PATIENCE);
        return broker;
    }

    private static KafkaProducer<String, String> producer(String bootstrap, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", bootstrap);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static List<String> committed(String bootstrap) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = List.of(new TopicPartition(TOPIC, 0));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
            while (values.isEmpty() && System.nanoTime() - deadlineNanos < 0) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
