package io.llamastreams.app.client;

import io.llamastreams.registry.SchemaRegistryException;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.batch.Batches;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes prompts onto a topic, each once (idempotent producer, all replicas), with the prompt's id as key.
 *
 * <p>A prompt that cannot be written is counted and reported and the others go on; an error that would hit every other
 * prompt as well, such as a broker that is gone, {@linkplain #fatal ends} the sending. One thread sends; counters may be
 * read by any, and failures are reported by the sending thread or by Kafka's.
 */
public final class PromptSender implements AutoCloseable {

    /** Hears of prompts that were not written. Called on any thread. */
    @FunctionalInterface
    public interface FailureListener {
        /** @param label what the caller called the prompt, such as its id */
        void onFailure(String label, String reason);
    }

    private final String topic;
    private final KafkaProducer<String, Prompt> producer;
    private final FailureListener failures;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicReference<String> fatal = new AtomicReference<>();

    /**
     * @param settings of Kafka's producer, {@code bootstrap.servers} among them
     * @param serializer configured; closed with this sender
     * @throws ClusterException if Kafka refuses the settings
     */
    public PromptSender(
            Map<String, Object> settings, String topic, Serializer<Prompt> serializer, FailureListener failures) {
        this.topic = topic;
        this.failures = failures;
        Map<String, Object> producerSettings = new HashMap<>(settings);
        producerSettings.put(ProducerConfig.ACKS_CONFIG, "all");
        producerSettings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // Prompts come in bulk: a moment's wait fills batches.
        producerSettings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 5);
        try {
            producer = new KafkaProducer<>(producerSettings, new StringSerializer(), serializer);
        } catch (KafkaException e) {
            throw new ClusterException("producer: " + ClusterException.reason(e), e);
        }
    }

    /**
     * Hands a prompt over; waits only while the producer's buffer is full.
     *
     * @param label for reports of failure
     * @return false if it was not taken, which was reported
     */
    public boolean send(Prompt prompt, String label) {
        return send(new ProducerRecord<>(topic, prompt.id(), prompt), label);
    }

    /** As {@link #send}, and announces how many prompts the prompt's batch has, this one included. */
    public boolean sendWithTotal(Prompt prompt, String label, long batchTotal) {
        ProducerRecord<String, Prompt> record = new ProducerRecord<>(topic, prompt.id(), prompt);
        record.headers().add(Batches.TOTAL_HEADER, Long.toString(batchTotal).getBytes(StandardCharsets.US_ASCII));
        return send(record, label);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears the same
    private boolean send(ProducerRecord<String, Prompt> record, String label) {
        try {
            producer.send(record, (metadata, error) -> {
                if (error == null) {
                    acknowledged.incrementAndGet();
                } else {
                    fail(label, error);
                }
            });
            return true;
        } catch (KafkaException | SchemaRegistryException e) {
            fail(label, e);
            return false;
        }
    }

    private void fail(String label, Exception error) {
        failed.incrementAndGet();
        failures.onFailure(label, ClusterException.reason(error));
        if (!isAboutOnePrompt(error)) {
            fatal.compareAndSet(null, ClusterException.reason(error));
        }
    }

    /** Whether other prompts may still be written after this error. */
    private static boolean isAboutOnePrompt(Exception error) {
        return error instanceof RecordTooLargeException || error instanceof SerializationException;
    }

    /** Waits until every prompt was acknowledged or has failed. */
    public void flush() {
        producer.flush();
    }

    /** Prompts that are safely on the topic. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Prompts that were reported as failed. */
    public long failed() {
        return failed.get();
    }

    /** Why it is no use to send more. */
    public Optional<String> fatal() {
        return Optional.ofNullable(fatal.get());
    }

    /** Gives up prompts that are still on their way: {@link #flush} first. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
