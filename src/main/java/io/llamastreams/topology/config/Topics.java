package io.llamastreams.topology.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates topics. Any thread; waits for the brokers. */
public final class Topics {
    /** Replication that leaves the choice to the brokers' own default. */
    public static final short BROKER_DEFAULT_REPLICATION = -1;

    /** Of records that hold another record and something more; brokers take 1 MiB by default. */
    public static final int MAX_RECORD_BYTES = 2 * 1024 * 1024;

    /**
     * Of changelogs whose entries live as long as a prompt is pending. Every start reads them from their beginning, so segments
     * are small and soon compacted. Deletions stay readable for an hour, far longer than a start takes, since one that was
     * missed would bring a prompt back that has its completion.
     */
    public static final Map<String, String> CHANGELOG = Map.of(
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_RECORD_BYTES),
            TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(16 * 1024 * 1024),
            TopicConfig.SEGMENT_MS_CONFIG, Long.toString(Duration.ofMinutes(10).toMillis()),
            TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.1",
            TopicConfig.DELETE_RETENTION_MS_CONFIG,
                    Long.toString(Duration.ofHours(1).toMillis()));

    /**
     * Questions, each of which takes a broker's answer, before a topic is not there that should be: a busy broker may take
     * seconds until it has heard of a topic that another one, or its controller, has made.
     */
    private static final int NEW_TOPIC_ATTEMPTS = 20_000;

    /** The same for a topic of which nobody has said that it is there. */
    private static final int ATTEMPTS = 500;

    private Topics() {}

    /**
     * Creates those topics that are missing; others stay as they are, but for the control topic, which gets the partitions
     * that the prompts topic has more. Those that were created are known to a broker when this returns. Safe to call from
     * several instances at once.
     *
     * @param partitions of each new topic
     * @param replication of each new topic, or {@link #BROKER_DEFAULT_REPLICATION}
     * @return names of the topics that this call created
     * @throws KafkaException if the brokers cannot be reached or refuse
     */
    public static Set<String> ensure(Admin admin, TopicNames names, int partitions, short replication) {
        Set<String> existing = await("listing topics", admin.listTopics().names());
        int promptPartitions = existing.contains(names.prompts())
                ? partitions(admin, names.prompts(), NEW_TOPIC_ATTEMPTS)
                : partitions;
        Set<String> created = new TreeSet<>();
        for (String name : names.all()) {
            int wanted = name.equals(names.control()) ? promptPartitions : partitions;
            if (!existing.contains(name) && create(admin, newTopic(names, name, wanted, replication))) {
                created.add(name);
            }
        }
        created.forEach(name -> partitions(admin, name, NEW_TOPIC_ATTEMPTS));
        if (existing.contains(names.control())) {
            grow(admin, names.control(), promptPartitions);
        }
        return created;
    }

    /** Gives a topic so many partitions at least. */
    public static void grow(Admin admin, String topic, int wanted) {
        if (partitions(admin, topic, NEW_TOPIC_ATTEMPTS) >= wanted) {
            return;
        }
        try {
            await(
                    "adding partitions to topic " + topic,
                    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(wanted)))
                            .all());
        } catch (KafkaException e) {
            // another instance may have been quicker
            if (partitions(admin, topic, NEW_TOPIC_ATTEMPTS) < wanted) {
                throw e;
            }
        }
    }

    /**
     * How many partitions a topic has. A broker answers of a new topic only when it has heard of it itself, so it is asked
     * several times before there is no such topic.
     *
     * @throws KafkaException if there is no such topic or the brokers cannot be reached
     */
    public static int partitions(Admin admin, String topic) {
        return partitions(admin, topic, ATTEMPTS);
    }

    private static int partitions(Admin admin, String topic, int attempts) {
        for (int i = 1; ; i++) {
            try {
                return await(
                                "describing topic " + topic,
                                admin.describeTopics(List.of(topic)).allTopicNames())
                        .get(topic)
                        .partitions()
                        .size();
            } catch (KafkaException e) {
                if (i == attempts || !(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
    }

    /** As the longer form, for one topic besides. */
    public static void ensure(Admin admin, String name, int partitions, short replication) {
        if (!await("listing topics", admin.listTopics().names()).contains(name)) {
            create(
                    admin,
                    new NewTopic(
                                    name,
                                    Optional.of(partitions),
                                    replication == BROKER_DEFAULT_REPLICATION
                                            ? Optional.empty()
                                            : Optional.of(replication))
                            .configs(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_RECORD_BYTES))));
            partitions(admin, name, NEW_TOPIC_ATTEMPTS);
        }
    }

    private static NewTopic newTopic(TopicNames names, String name, int partitions, short replication) {
        NewTopic topic = new NewTopic(
                name,
                Optional.of(partitions),
                replication == BROKER_DEFAULT_REPLICATION ? Optional.empty() : Optional.of(replication));
        if (name.equals(names.usage()) || name.equals(names.batches())) {
            // running totals: of each key the last one counts
            return topic.configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
        }
        if (name.equals(names.deadLetter())) {
            // the largest record that came in, and the reason
            return topic.configs(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_RECORD_BYTES)));
        }
        return topic;
    }

    private static boolean create(Admin admin, NewTopic topic) {
        try {
            await(
                    "creating topic " + topic.name(),
                    admin.createTopics(List.of(topic)).all());
            return true;
        } catch (TopicExistsException e) {
            return false; // another instance was quicker
        }
    }

    private static <T> T await(String what, KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new org.apache.kafka.common.errors.InterruptException(what + " was interrupted", e);
        } catch (Exception e) {
            if (e.getCause() instanceof TopicExistsException exists) {
                throw exists;
            }
            throw new KafkaException(what + " failed: " + e.getCause(), e.getCause());
        }
    }
}
