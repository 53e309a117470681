package io.llamastreams.topology.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.llamastreams.app.broker.EmbeddedBroker;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

class TopicsIT {

    @Test
    void createsWhatIsMissingAndLeavesTheRestAlone() throws Exception {
        TopicNames names = TopicNames.DEFAULT;
        try (EmbeddedBroker broker = EmbeddedBroker.startTemporary();
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(names.prompts(), 2, (short) 1)))
                    .all()
                    .get();
            assertThat(Topics.ensure(admin, names, 3, Topics.BROKER_DEFAULT_REPLICATION))
                    .containsExactlyInAnyOrder(
                            names.completions(),
                            names.statistics(),
                            names.usage(),
                            names.batches(),
                            names.deadLetter(),
                            names.control(),
                            names.acknowledgements());
            assertThat(Topics.partitions(admin, names.control()))
                    .as("those of the prompts")
                    .isEqualTo(2);
            assertThat(Topics.ensure(admin, names, 3, Topics.BROKER_DEFAULT_REPLICATION))
                    .isEmpty();

            // A broker answers of a new topic only when it has heard of it itself.
            var topics = await().ignoreExceptionsInstanceOf(ExecutionException.class)
                    .until(
                            () -> admin.describeTopics(names.all())
                                    .allTopicNames()
                                    .get(),
                            Objects::nonNull);
            assertThat(topics.get(names.prompts()).partitions()).hasSize(2);
            assertThat(topics.get(names.completions()).partitions()).hasSize(3);
            var usage = new ConfigResource(ConfigResource.Type.TOPIC, names.usage());
            assertThat(admin.describeConfigs(List.of(usage))
                            .all()
                            .get()
                            .get(usage)
                            .get("cleanup.policy")
                            .value())
                    .isEqualTo("compact");
            assertThatThrownBy(() -> Topics.ensure(admin, names(), 3, (short) 3))
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining("creating topic other.prompts failed");
        }
    }

    private static TopicNames names() {
        return new TopicNames("other.prompts", "c", "s", "u", "b", "d", "k", "a");
    }
}
