package io.llamastreams.faults;

import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.batch.Batches;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends prompts, each once, however long the broker is away. One thread sends. */
final class PromptFeed implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final KafkaProducer<String, Prompt> producer;
    private final List<Prompt> prompts;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final byte[] total;
    private int sent;

    /** @param prompts in the order in which they go */
    PromptFeed(String bootstrap, List<Prompt> prompts) {
        this.prompts = prompts;
        total = Integer.toString(prompts.size()).getBytes(StandardCharsets.US_ASCII);
        Serializer<Prompt> serializer = RecordSerdes.serializer(
                RecordMappings.PROMPT, Map.of("schema.registry.url", WorkerSettings.REGISTRY_URL));
        producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "acks",
                        "all",
                        "enable.idempotence",
                        true,
                        "max.block.ms",
                        PATIENCE.toMillis(),
                        "delivery.timeout.ms",
                        Math.toIntExact(PATIENCE.toMillis())),
                new StringSerializer(),
                serializer);
    }

    /** Sends as many as are missing to so many in all; waits for none of them. */
    void sendUpTo(int count) {
        while (sent < Math.min(count, prompts.size())) {
            Prompt prompt = prompts.get(sent++);
            var record = new ProducerRecord<>(TopicNames.DEFAULT.prompts(), prompt.id(), prompt);
            record.headers().add(Batches.TOTAL_HEADER, total);
            producer.send(record, (place, error) -> {
                if (error == null) {
                    acknowledged.incrementAndGet();
                } else {
                    failure.compareAndSet(null, error);
                }
            });
        }
    }

    /** Prompts that are safely on the topic. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Why a prompt did not get there; then the run says nothing. */
    Optional<Exception> failure() {
        return Optional.ofNullable(failure.get());
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
