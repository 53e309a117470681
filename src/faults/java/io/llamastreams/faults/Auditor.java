package io.llamastreams.faults;

import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.serde.RecordMappings;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Reads committed completions as they come, through everything that happens to the broker, on a thread of its own. */
final class Auditor implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], CompletionRecord> consumer;
    private final Ledger ledger;
    private final Thread thread = new Thread(this::run, "auditor");
    private final AtomicLong pausedUntilNanos = new AtomicLong(System.nanoTime());
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private volatile boolean closed;

    private Auditor(KafkaConsumer<byte[], CompletionRecord> consumer, Ledger ledger) {
        this.consumer = consumer;
        this.ledger = ledger;
    }

    /** Begins at the beginning of the topic, which must be there. */
    static Auditor start(String bootstrap, Ledger ledger) {
        Auditor auditor = new Auditor(
                CommittedTopic.consumer(
                        bootstrap,
                        TopicNames.DEFAULT.completions(),
                        CommittedTopic.configured(RecordMappings.COMPLETION)),
                ledger);
        auditor.thread.start();
        return auditor;
    }

    private void run() {
        try (consumer) {
            while (!closed) {
                long pauseNanos = pausedUntilNanos.get() - System.nanoTime();
                if (pauseNanos > 0) {
                    TimeUnit.NANOSECONDS.sleep(Math.min(pauseNanos, POLL.toNanos()));
                } else {
                    consumer.poll(POLL).forEach(record -> ledger.enter(record.value(), CommittedTopic.where(record)));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    /** Does not read for so long. */
    void pause(Duration time) {
        pausedUntilNanos.set(System.nanoTime() + time.toNanos());
    }

    /** Why the auditor does not read any more. */
    Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure.get());
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
