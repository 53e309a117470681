package io.llamastreams.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.serde.CompletionDeserializer;
import io.llamastreams.topology.serde.PromptSerializer;
import io.llamastreams.topology.serde.Registries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/**
 * Sends prompts to a cluster and reads its committed completions, on topics and with a group of workers of its own. One
 * thread.
 */
final class ClusterClient implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final int PARTITIONS = 6;

    private final String application;
    private final TopicNames topics;
    private final Admin admin;
    private final SchemaRegistry registry;
    private final KafkaProducer<String, Prompt> producer;
    private final KafkaConsumer<String, CompletionRecord> consumer;
    private final List<CompletionRecord> completions = new ArrayList<>();

    ClusterClient(ContainerCluster cluster, String application) {
        this.application = application;
        topics = new TopicNames(
                application + ".prompts",
                application + ".completions",
                application + ".token-statistics",
                application + ".token-usage",
                application + ".batches",
                application + ".prompts.dead-letter",
                application + ".control",
                application + ".control.acknowledgements");
        admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()));
        Topics.ensure(admin, topics, PARTITIONS, (short) 1);
        registry = Registries.open(Map.of("schema.registry.url", cluster.registryUrl()));
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new StringSerializer(),
                new PromptSerializer(registry));
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", cluster.bootstrapServers(),
                        "isolation.level", "read_committed",
                        "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new CompletionDeserializer(registry));
        consumer.assign(consumer.partitionsFor(topics.completions()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList());
    }

    /** For workers that are to serve this client. */
    Map<String, String> workerConfiguration() {
        return Map.ofEntries(
                Map.entry("application.id", application),
                Map.entry("llama.topic.prompts", topics.prompts()),
                Map.entry("llama.topic.completions", topics.completions()),
                Map.entry("llama.topic.statistics", topics.statistics()),
                Map.entry("llama.topic.usage", topics.usage()),
                Map.entry("llama.topic.batches", topics.batches()),
                Map.entry("llama.topic.dead.letter", topics.deadLetter()),
                Map.entry("llama.topic.control", topics.control()),
                Map.entry("llama.topic.control.acknowledgements", topics.acknowledgements()),
                // A dead worker is missed soon.
                Map.entry("consumer.session.timeout.ms", "6000"),
                Map.entry("consumer.heartbeat.interval.ms", "2000"));
    }

    /** Waits until each of so many workers has partitions of the prompts topic. */
    void awaitMembers(int count) {
        Awaitility.await("workers of " + application)
                .atMost(DEADLINE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> membersWithWork() == count);
    }

    private long membersWithWork() throws InterruptedException, ExecutionException {
        return admin
                .describeConsumerGroups(List.of(application))
                .describedGroups()
                .get(application)
                .get()
                .members()
                .stream()
                .filter(member -> !member.assignment().topicPartitions().isEmpty())
                .count();
    }

    void send(List<Prompt> prompts) {
        prompts.forEach(prompt -> producer.send(new ProducerRecord<>(topics.prompts(), prompt.id(), prompt)));
        producer.flush();
    }

    /** Reads until so many different prompts have been answered, or a few more; answers how many. */
    int awaitCompletions(int count) {
        Set<String> answered = new HashSet<>();
        completions.forEach(completion -> answered.add(completion.id()));
        Awaitility.await(count + " completions of " + application)
                .atMost(DEADLINE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    poll().forEach(completion -> answered.add(completion.id()));
                    return answered.size() >= count;
                });
        return answered.size();
    }

    /** Everything on the completions topic, to its committed end; for when no worker is left. */
    List<CompletionRecord> allCompletions() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        Awaitility.await("end of the completions")
                .atMost(DEADLINE)
                .pollDelay(Duration.ZERO)
                .until(() -> {
                    poll();
                    return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
                });
        return List.copyOf(completions);
    }

    private List<CompletionRecord> poll() {
        List<CompletionRecord> found = new ArrayList<>();
        consumer.poll(Duration.ofMillis(100)).forEach(record -> {
            assertThat(record.key())
                    .as("key of the prompt")
                    .isEqualTo(record.value().id());
            found.add(record.value());
        });
        completions.addAll(found);
        return found;
    }

    @Override
    public void close() {
        consumer.close();
        producer.close();
        registry.close();
        admin.close();
    }
}
