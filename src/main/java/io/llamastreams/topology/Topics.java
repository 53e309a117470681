package io.llamastreams.topology;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics. Any thread; waits for the brokers. */
public final class Topics {
    /** Replication that leaves the choice to the brokers' own default. */
    public static final short BROKER_DEFAULT_REPLICATION = -1;

    /** Of records that hold another record and something more; brokers take 1 MiB by default. */
    static final int MAX_RECORD_BYTES = 2 * 1024 * 1024;

    private Topics() {}

    /**
     * Creates those topics that are missing; others stay as they are. Safe to call from several instances at once.
     *
     * @param partitions of each new topic
     * @param replication of each new topic, or {@link #BROKER_DEFAULT_REPLICATION}
     * @return names of the topics that this call created
     * @throws KafkaException if the brokers cannot be reached or refuse
     */
    public static Set<String> ensure(Admin admin, TopicNames names, int partitions, short replication) {
        Set<String> existing = await("listing topics", admin.listTopics().names());
        Set<String> created = new TreeSet<>();
        for (String name : names.all()) {
            if (!existing.contains(name) && create(admin, newTopic(names, name, partitions, replication))) {
                created.add(name);
            }
        }
        return created;
    }

    /** As the longer form, for one topic besides. */
    static void ensure(Admin admin, String name, int partitions, short replication) {
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
