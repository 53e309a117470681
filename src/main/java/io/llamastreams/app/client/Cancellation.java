package io.llamastreams.app.client;

import io.llamastreams.registry.SchemaRegistryException;
import io.llamastreams.topology.record.ControlAcknowledgement;
import io.llamastreams.topology.record.ControlCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends a command to every partition and waits until all have carried it out. Main thread.
 *
 * <p>The reader of acknowledgements must stand at the end of their topic before the command is sent.
 */
public final class Cancellation {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int MAX_RECORDS = 10_000;

    private final TopicReader<ControlAcknowledgement> reader;
    private final int partitions;

    /** Prompts that were cancelled, by partition that has acknowledged. */
    private final Map<Integer, Long> cancelled = new HashMap<>();

    /**
     * What came of a command.
     *
     * @param partitions that should have acknowledged it
     * @param acknowledged those that have
     * @param cancelled prompts that were cancelled there
     */
    public record Result(int partitions, int acknowledged, long cancelled) {
        public boolean isComplete() {
            return acknowledged == partitions;
        }
    }

    /** @param partitions of the control topic */
    public Cancellation(TopicReader<ControlAcknowledgement> reader, int partitions) {
        this.reader = reader;
        this.partitions = partitions;
    }

    /**
     * Sends a command; when this returns the brokers have it.
     *
     * @param settings of Kafka's producer
     * @param serializer configured; closed by this
     * @throws ClusterException if it cannot be sent to all partitions; it may have reached some
     */
    public void send(
            Map<String, Object> settings, String topic, Serializer<ControlCommand> serializer, ControlCommand command)
            throws InterruptedException {
        Map<String, Object> producerSettings = new HashMap<>(settings);
        producerSettings.put(ProducerConfig.ACKS_CONFIG, "all");
        producerSettings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        try (KafkaProducer<String, ControlCommand> producer =
                new KafkaProducer<>(producerSettings, new StringSerializer(), serializer)) {
            List<Future<?>> sent = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) {
                sent.add(producer.send(new ProducerRecord<>(topic, partition, command.id(), command)));
            }
            for (Future<?> one : sent) {
                one.get();
            }
        } catch (KafkaException | SchemaRegistryException | ExecutionException e) {
            throw new ClusterException("topic " + topic + ": " + ClusterException.reason(e), e);
        }
    }

    /**
     * Waits for acknowledgements.
     *
     * @param commandId of the command that was sent
     * @param patience longest wait for all of them together
     * @param interrupted asked now and then: whether to stop
     */
    public Result await(String commandId, Duration patience, LongSupplier nanoClock, BooleanSupplier interrupted) {
        long startNanos = nanoClock.getAsLong();
        while (cancelled.size() < partitions
                && !interrupted.getAsBoolean()
                && nanoClock.getAsLong() - startNanos < patience.toNanos()) {
            reader.poll(POLL, MAX_RECORDS, new TopicReader.Listener<>() {
                @Override
                public void onValue(ControlAcknowledgement found) {
                    if (found.commandId().equals(commandId) && found.partition() < partitions) {
                        cancelled.put(found.partition(), found.cancelled());
                    }
                }

                @Override
                public void onUnreadable(String where, String reason) {
                    // of somebody else's command
                }
            });
        }
        return new Result(
                partitions,
                cancelled.size(),
                cancelled.values().stream().mapToLong(Long::longValue).sum());
    }
}
