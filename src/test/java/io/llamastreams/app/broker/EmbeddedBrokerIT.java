package io.llamastreams.app.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
@SuppressWarnings("FutureReturnValueIgnored") // the end of the transaction says whether all was sent
class EmbeddedBrokerIT {

    private static final String TOPIC = "events";

    @Test
    void servesTransactionsAndKeepsDataOverARestartOnAnotherPort(@TempDir Path data) throws Exception {
        String firstBootstrap;
        try (EmbeddedBroker broker = EmbeddedBroker.start(data, 0)) {
            firstBootstrap = broker.bootstrap();
            createTopic(broker, TOPIC);
            try (KafkaProducer<String, String> producer = producer(broker, "tx-1")) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "k", "committed"));
                producer.commitTransaction();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "k", "aborted"));
                producer.flush();
                producer.abortTransaction();
            }
            assertThat(consume(broker, "readers", 1)).containsExactly("committed");
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(data, 0)) {
            assertThat(broker.bootstrap()).isNotEqualTo(firstBootstrap);
            try (KafkaProducer<String, String> producer = producer(broker, "tx-1")) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "k", "after restart"));
                producer.commitTransaction();
            }
            assertThat(consume(broker, "newcomers", 2)).containsExactly("committed", "after restart");
            assertThat(consume(broker, "readers", 1)).containsExactly("after restart");
            assertThat(broker.awaitFault(Duration.ZERO)).isEmpty();
        }
        assertThat(data).isNotEmptyDirectory();
    }

    @Test
    void startsSeveralAfterOneAnotherAndDeletesTemporaryData() throws Exception {
        for (int round = 0; round < 3; round++) {
            Path data;
            try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
                data = broker.dataDirectory();
                assertThat(data).isDirectory();
                createTopic(broker, TOPIC);
                try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                    assertThat(admin.listTopics().names().get()).containsExactly(TOPIC);
                }
            }
            assertThat(data).doesNotExist();
        }
    }

    @Test
    void startsTwoAtOnce() {
        try (EmbeddedBroker one = EmbeddedBroker.startTemporary();
                EmbeddedBroker two = EmbeddedBroker.startTemporary()) {
            assertThat(one.port()).isNotEqualTo(two.port());
        }
    }

    @Test
    void takesTheGivenPortAndNamesItWhenTaken(@TempDir Path data, @TempDir Path otherData) {
        int port;
        try (EmbeddedBroker broker = EmbeddedBroker.start(data, 0)) {
            port = broker.port();
            assertThatThrownBy(() -> EmbeddedBroker.start(otherData, port))
                    .isInstanceOf(EmbeddedBrokerException.class)
                    .hasMessage("port " + port + ": expected a free one, found it taken");
        }
        try (EmbeddedBroker again = EmbeddedBroker.start(data, port)) {
            assertThat(again.bootstrap()).isEqualTo("127.0.0.1:" + port);
        }
    }

    /** Any free port for the further listener; who comes there is sent to the port that it is advertised with. */
    @Test
    void takesFurtherListenersAndOtherSettings() throws Exception {
        Map<String, String> settings = Map.of(
                "listeners", "OTHER://127.0.0.1:0",
                "advertised.listeners", "OTHER://127.0.0.1:9",
                "listener.security.protocol.map", "OTHER:PLAINTEXT",
                "num.partitions", "3");
        try (EmbeddedBroker broker = EmbeddedBroker.startTemporary(0, settings);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.empty(), Optional.empty())))
                    .all()
                    .get();
            assertThat(admin.describeTopics(List.of(TOPIC))
                            .allTopicNames()
                            .get()
                            .get(TOPIC)
                            .partitions())
                    .hasSize(3)
                    .allMatch(partition -> partition.leader().port() == broker.port());
            assertThat(broker.awaitFault(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void refusesADirectoryThatAnotherBrokerUses(@TempDir Path data) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(data, 0)) {
            assertThatThrownBy(() -> EmbeddedBroker.start(data, 0))
                    .isInstanceOf(EmbeddedBrokerException.class)
                    .hasMessage(data + ": expected a free directory, found another broker using it");
            createTopic(broker, TOPIC);
        }
    }

    @Test
    void listensOnLoopbackOnly() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
            for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                for (var address : Collections.list(network.getInetAddresses())) {
                    if (!address.isLoopbackAddress()) {
                        assertThatThrownBy(() -> new Socket(address, broker.port()).close())
                                .isInstanceOf(IOException.class);
                    }
                }
            }
        }
    }

    @Test
    void saysWhenTheDataDirectoryCannotBeMade(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "not a directory");
        assertThatThrownBy(() -> EmbeddedBroker.start(file, 0))
                .isInstanceOf(EmbeddedBrokerException.class)
                .hasMessageContaining(file.toString());
    }

    private static void createTopic(EmbeddedBroker broker, String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
        }
    }

    private static KafkaProducer<String, String> producer(EmbeddedBroker broker, String transactionalId) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", broker.bootstrap());
        settings.put("transactional.id", transactionalId);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    /** Values that a group reads committed from where it stands, until it has {@code count} of them. */
    private static List<String> consume(EmbeddedBroker broker, String group, int count) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", broker.bootstrap());
        settings.put("group.id", group);
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            long deadlineNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (values.size() < count && System.nanoTime() < deadlineNanos) {
                for (ConsumerRecord<String, String> received : consumer.poll(Duration.ofMillis(200))) {
                    values.add(received.value());
                }
            }
            consumer.commitSync();
        }
        return values;
    }
}
