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
 * to end, and nobody can read the partition any further. Only what no coordinator knows of any more is ended. One thread ends,
 * any counts.
 */
final class HangingTransactions {
    /** Longer than a transaction, and than it takes to end one that is too old. */
    private static final Duration AGE =
            Duration.ofMillis(WorkerSettings.TRANSACTION_TIMEOUT_MILLIS).plusSeconds(22);

    private final Admin admin;
    private final FaultLog log;
    private final AtomicInteger ended = new AtomicInteger();

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
            Map<TopicPartition, List<ProducerState>> old = oldTransactions();
            if (!old.isEmpty()) {
                Map<Long, List<TopicPartition>> known = knownPartitions();
                for (var entry : old.entrySet()) {
                    for (ProducerState producer : entry.getValue()) {
                        if (!known.getOrDefault(producer.producerId(), List.of())
                                .contains(entry.getKey())) {
                            end(entry.getKey(), producer);
                        }
                    }
                }
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof ApiException)) {
                throw new IllegalStateException("hanging transactions", e.getCause());
            }
        }
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
                TimeUnit.SECONDS.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
