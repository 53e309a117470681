package io.llamastreams.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;

/**
 * Does what an operator does with {@code kafka-transactions.sh find-hanging} and {@code abort}. A broker of one node forgets to
 * end a partition's part of a transaction that was due while it was away (seen with 4.3.1): its coordinator knows of nothing
 * to end, and nobody can read the partition any further. One thread ends, any counts.
 *
 * <p>Only what no coordinator has known of for a minute, at each look of many, is ended: one that has just started says that it
 * knows of none until it has read its log, and what it is about to commit must not be ended. A part of a transaction that was
 * committed would be lost so.
 */
final class HangingTransactions {
    /** Longer than a transaction, and than it takes to end one that is too old. */
    private static final Duration AGE =
            Duration.ofMillis(WorkerSettings.TRANSACTION_TIMEOUT_MILLIS).plusSeconds(22);

    /** For so long a transaction must have been unknown; far longer than a coordinator reads its log. */
    private static final Duration UNKNOWN = Duration.ofSeconds(60);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private final Admin admin;
    private final FaultLog log;
    private final AtomicInteger ended = new AtomicInteger();

    /** Since when each is unknown, by {@link System#nanoTime}. */
    private final Map<Suspect, Long> unknownSince = new HashMap<>();

    /** A partition's part of a transaction. */
    private record Suspect(TopicPartition partition, long producerId, int epoch, long startOffset) {
        static Suspect of(TopicPartition partition, ProducerState producer) {
            return new Suspect(
                    partition,
                    producer.producerId(),
                    producer.producerEpoch(),
                    producer.currentTransactionStartOffset().orElse(-1));
        }
    }

    HangingTransactions(Admin admin, FaultLog log) {
        this.admin = admin;
        this.log = log;
    }

    /** How many were found so far. */
    int ended() {
        return ended.get();
    }

    /** Ends those that hang now. A broker that does not answer has none for the moment. */
    void end() throws InterruptedException {
        try {
            Map<Suspect, ProducerState> unknown = unknownTransactions();
            unknownSince.keySet().retainAll(unknown.keySet());
            long now = System.nanoTime();
            for (var entry : unknown.entrySet()) {
                if (now - unknownSince.computeIfAbsent(entry.getKey(), suspect -> now) >= UNKNOWN.toNanos()) {
                    end(entry.getKey().partition(), entry.getValue());
                }
            }
        } catch (ExecutionException e) {
            unknownSince.clear(); // what was not looked at may have been known
            if (!(e.getCause() instanceof ApiException)) {
                throw new IllegalStateException("hanging transactions", e.getCause());
            }
        }
    }

    /** Transactions that are older than any may be, and that no coordinator knows. */
    private Map<Suspect, ProducerState> unknownTransactions() throws ExecutionException, InterruptedException {
        Map<TopicPartition, List<ProducerState>> old = oldTransactions();
        if (old.isEmpty()) {
            return Map.of();
        }
        Map<Suspect, ProducerState> unknown = new HashMap<>();
        Map<Long, List<TopicPartition>> known = knownPartitions();
        old.forEach((partition, producers) -> producers.stream()
                .filter(producer ->
                        !known.getOrDefault(producer.producerId(), List.of()).contains(partition))
                .forEach(producer -> unknown.put(Suspect.of(partition, producer), producer)));
        return unknown;
    }

    /** Of each partition the producers whose transactions are older than any may be. */
    private Map<TopicPartition, List<ProducerState>> oldTransactions() throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        admin.describeTopics(admin.listTopics().names().get())
                .allTopicNames()
                .get()
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(info -> partitions.add(new TopicPartition(topic, info.partition()))));
        Map<TopicPartition, PartitionProducerState> states =
                admin.describeProducers(partitions).all().get();
        long latest = System.currentTimeMillis() - AGE.toMillis();
        Map<TopicPartition, List<ProducerState>> old = new HashMap<>();
        states.forEach((partition, state) -> {
            List<ProducerState> found = state.activeProducers().stream()
                    .filter(producer -> producer.currentTransactionStartOffset().isPresent())
                    .filter(producer -> producer.lastTimestamp() < latest)
                    .toList();
            if (!found.isEmpty()) {
                old.put(partition, found);
            }
        });
        return old;
    }

    /** Partitions of the transactions that coordinators know, by producer id. */
    private Map<Long, List<TopicPartition>> knownPartitions() throws ExecutionException, InterruptedException {
        List<String> ids = admin.listTransactions().all().get().stream()
                .map(TransactionListing::transactionalId)
                .toList();
        Map<Long, List<TopicPartition>> known = new HashMap<>();
        for (TransactionDescription transaction :
                admin.describeTransactions(ids).all().get().values()) {
            known.put(transaction.producerId(), List.copyOf(transaction.topicPartitions()));
        }
        return known;
    }

    private void end(TopicPartition partition, ProducerState producer) throws ExecutionException, InterruptedException {
        admin.abortTransaction(new AbortTransactionSpec(
                        partition,
                        producer.producerId(),
                        (short) producer.producerEpoch(),
                        producer.coordinatorEpoch().orElse(0)))
                .all()
                .get();
        ended.incrementAndGet();
        log.note("the broker had forgotten a transaction, which an operator ends: " + partition + " " + producer);
    }

    /** Goes on until the thread is interrupted. */
    void watch() {
        try {
            while (true) {
                end();
                TimeUnit.SECONDS.sleep(LOOK_EVERY.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
