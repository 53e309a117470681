package io.llamastreams.topology.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.SchedulingPolicy;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.chat.ChatTemplateSource;
import io.llamastreams.serving.session.ComputeSettings;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.KvCacheSettings;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class TopologyConfigTest {
    private static final TopologyConfig DEFAULTS = TopologyConfig.of(Map.of());

    @Test
    void defaultsAreThoseOfTheDocumentation() {
        assertThat(DEFAULTS.model()).isEmpty();
        assertThat(DEFAULTS.topics()).isEqualTo(TopicNames.DEFAULT);
        assertThat(DEFAULTS.createsTopics()).isTrue();
        assertThat(DEFAULTS.topicPartitions()).isEqualTo(6);
        assertThat(DEFAULTS.topicReplication()).isEqualTo((short) -1);
        assertThat(DEFAULTS.maxPending()).isEqualTo(10_000);
        assertThat(DEFAULTS.maxPromptBytes()).isEqualTo(524_288);
        assertThat(DEFAULTS.maxAnswerBytes()).isEqualTo(458_752);
        assertThat(DEFAULTS.intakeWait()).isEqualTo(Duration.ofMillis(200));
        assertThat(DEFAULTS.resumeTokens()).isEqualTo(64);
        assertThat(DEFAULTS.resumeTime()).isEqualTo(Duration.ofSeconds(10));
        assertThat(DEFAULTS.tick()).isEqualTo(Duration.ofMillis(20));
        assertThat(DEFAULTS.usageWindow()).isEqualTo(Duration.ofMinutes(1));
        assertThat(DEFAULTS.usageGrace()).isEqualTo(Duration.ofMinutes(10));
        assertThat(DEFAULTS.batchesRetention()).isEqualTo(Duration.ofDays(7));
        assertThat(DEFAULTS.httpListen()).isEmpty();
        assertThat(DEFAULTS.httpToken()).isEmpty();
    }

    @Test
    void everyKeyIsReadAndDocumented() {
        TopologyConfig config = TopologyConfig.of(Map.ofEntries(
                Map.entry("llama.model", "/models/m.gguf"),
                Map.entry("llama.topic.prompts", "p"),
                Map.entry("llama.topic.completions", "c"),
                Map.entry("llama.topic.statistics", "s"),
                Map.entry("llama.topic.usage", "u"),
                Map.entry("llama.topic.batches", "b"),
                Map.entry("llama.topic.dead.letter", "d"),
                Map.entry("llama.topic.control", "k"),
                Map.entry("llama.topic.control.acknowledgements", "a"),
                Map.entry("llama.control.retention.ms", "13"),
                Map.entry("llama.default.deadline.ms", "14"),
                Map.entry("llama.drain.ms", "15"),
                Map.entry("llama.duplicates", "reject"),
                Map.entry("llama.duplicates.window.ms", "17"),
                Map.entry("llama.duplicates.max.bytes", "18"),
                Map.entry("llama.max.attempts", "16"),
                Map.entry("llama.topics.create", "false"),
                Map.entry("llama.topics.partitions", "12"),
                Map.entry("llama.topics.replication", "3"),
                Map.entry("llama.max.pending", "5"),
                Map.entry("llama.max.prompt.bytes", "6"),
                Map.entry("llama.max.answer.bytes", "66"),
                Map.entry("llama.intake.wait.ms", "7"),
                Map.entry("llama.tick.ms", "8"),
                Map.entry("llama.resume.tokens", "11"),
                Map.entry("llama.resume.ms", "12"),
                Map.entry("llama.usage.window.ms", "9"),
                Map.entry("llama.batches.retention.ms", "13"),
                Map.entry("llama.usage.grace.ms", "10")));
        assertThat(config.model()).isEqualTo(Optional.of(Path.of("/models/m.gguf")));
        assertThat(config.topics()).isEqualTo(new TopicNames("p", "c", "s", "u", "b", "d", "k", "a"));
        assertThat(config.createsTopics()).isFalse();
        assertThat(config.topicPartitions()).isEqualTo(12);
        assertThat(config.topicReplication()).isEqualTo((short) 3);
        assertThat(config.controlRetention()).hasMillis(13);
        assertThat(config.defaultDeadline()).hasMillis(14);
        assertThat(config.drainTime()).hasMillis(15);
        assertThat(config.maxAttempts()).isEqualTo(16);
        assertThat(config.duplicates()).isEqualTo(new DuplicateLimits(Duration.ofMillis(17), true, 18));
        assertThat(DEFAULTS.duplicates().isOff()).isTrue();
        assertThat(config.maxPending()).isEqualTo(5);
        assertThat(config.maxPromptBytes()).isEqualTo(6);
        assertThat(config.maxAnswerBytes()).isEqualTo(66);
        assertThat(config.intakeWait()).isEqualTo(Duration.ofMillis(7));
        assertThat(config.resumeTokens()).isEqualTo(11);
        assertThat(config.resumeTime()).isEqualTo(Duration.ofMillis(12));
        assertThat(config.tick()).isEqualTo(Duration.ofMillis(8));
        assertThat(config.usageWindow()).isEqualTo(Duration.ofMillis(9));
        assertThat(config.usageGrace()).isEqualTo(Duration.ofMillis(10));
        assertThat(config.batchesRetention()).isEqualTo(Duration.ofMillis(13));
        config.describe().keySet().stream()
                .filter(key -> key.startsWith("llama."))
                .forEach(key -> {
                    assertThat(TopologyConfig.toMarkdown()).contains("| `" + key + "` |");
                    assertThat(TopologyConfig.toHtml()).contains(key);
                });
    }

    @Test
    void theEngineGetsItsSettings() {
        assertThat(DEFAULTS.engineSettings()).isEqualTo(EngineSettings.DEFAULT);
        EngineSettings settings = TopologyConfig.of(Map.ofEntries(
                        Map.entry("llama.threads", "2"),
                        Map.entry("llama.kernels", "vector"),
                        Map.entry("llama.vector.bits", "256"),
                        Map.entry("llama.weights", "mapped"),
                        Map.entry("llama.max.batch", "3"),
                        Map.entry("llama.max.step.tokens", "4"),
                        Map.entry("llama.kv.cache.bytes", "5"),
                        Map.entry("llama.kv.type", "f16"),
                        Map.entry("llama.prefix.cache", "false"),
                        Map.entry("llama.max.queued.requests", "6"),
                        Map.entry("llama.max.queued.tokens", "7"),
                        Map.entry("llama.chat.template", "chat.jinja"),
                        Map.entry("llama.max.draft.tokens", "8"),
                        Map.entry("llama.tenant.weights", "north=3, south = 1,=2"),
                        Map.entry("llama.priority.ageing.ms", "9")))
                .engineSettings();
        assertThat(settings)
                .isEqualTo(new EngineSettings(
                        new ComputeSettings(2, KernelChoice.vector(256), WeightStorage.MAPPED),
                        new KvCacheSettings(5, KvType.F16, false),
                        new EngineLimits(
                                3,
                                4,
                                6,
                                7,
                                8,
                                new SchedulingPolicy(
                                        Duration.ofMillis(9), true, Map.of("north", 3, "south", 1, "", 2))),
                        new ChatTemplateSource.File(Path.of("chat.jinja"))));
        assertThatThrownBy(() ->
                        TopologyConfig.of(Map.of("llama.threads", "1000000")).engineSettings())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("threads: expected 0 to 1024, found 1000000");
        assertThatThrownBy(() -> TopologyConfig.of(Map.of("llama.kernels", "magic")))
                .isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> TopologyConfig.of(Map.of("llama.weights", "elsewhere")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("llama.weights");
    }

    @Test
    void unknownKeysOfOursAreErrorsThatNameTheNearest() {
        assertThatThrownBy(() -> TopologyConfig.of(Map.of("llama.max.bacth", "3")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("llama.max.bacth: unknown key; did you mean llama.max.batch?");
        assertThatThrownBy(() -> TopologyConfig.of(Map.of("llama.topic.completion", "3")))
                .hasMessageContaining("did you mean llama.topic.completions?");
    }

    @Test
    void weightsOfTenantsAreReadWithTheirMistakesNamed() {
        assertThat(TenantWeights.parse("")).isEmpty();
        assertThat(TenantWeights.parse("a=b=2")).isEqualTo(Map.of("a=b", 2));
        for (String bad : List.of("a", "a=", "a=1,", "a=-1", "a=1.5", "a=10000000", "3")) {
            assertThatThrownBy(() -> TopologyConfig.of(Map.of("llama.tenant.weights", bad)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("llama.tenant.weights")
                    .hasMessageContaining("expected tenant=weight");
        }
        assertThatThrownBy(() -> TenantWeights.parse("a=1,a=2")).hasMessageContaining("\"a\" twice");
    }

    @Test
    void valuesAreCheckedByTypeAndRange() {
        for (Map.Entry<String, String> bad : Map.ofEntries(
                        Map.entry("llama.topics.partitions", "0"),
                        Map.entry("llama.tick.ms", "0"),
                        Map.entry("llama.max.pending", "many"),
                        Map.entry("llama.kv.cache.bytes", "-1"),
                        Map.entry("llama.kv.type", "q8_0"),
                        Map.entry("llama.topic.prompts", ""),
                        Map.entry("llama.intake.wait.ms", "60000"),
                        Map.entry("llama.topics.create", "perhaps"),
                        Map.entry("llama.max.draft.tokens", "65"),
                        Map.entry("llama.priority.ageing.ms", "0"),
                        Map.entry("llama.tenant.weights", "north=0"))
                .entrySet()) {
            assertThatThrownBy(() -> TopologyConfig.of(Map.of(bad.getKey(), bad.getValue())))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(bad.getKey());
        }
    }

    @Test
    void streamsGetExactlyOnceAndADeadLetterTopicUnlessToldOtherwise() {
        Map<String, Object> streams = DEFAULTS.streamsConfig();
        assertThat(streams)
                .containsEntry(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, "exactly_once_v2")
                .containsEntry(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "500")
                .containsEntry("ensure.explicit.internal.resource.naming", "true")
                .containsEntry("errors.dead.letter.queue.topic.name", "llama.prompts.dead-letter");
        Map<String, Object> other = TopologyConfig.of(Map.of(
                        "processing.guarantee", "at_least_once",
                        "commit.interval.ms", "1000",
                        "llama.topic.dead.letter", "graveyard",
                        "group.protocol", "streams"))
                .streamsConfig();
        assertThat(other)
                .containsEntry("processing.guarantee", "at_least_once")
                .containsEntry("commit.interval.ms", "1000")
                .containsEntry("errors.dead.letter.queue.topic.name", "graveyard")
                .containsEntry("group.protocol", "streams")
                .doesNotContainKey("llama.topic.dead.letter");
    }

    @Test
    void clientsGetTheKeysThatTheyKnow() {
        TopologyConfig config = TopologyConfig.of(Map.of(
                "bootstrap.servers", "b:9092",
                "security.protocol", "SASL_SSL",
                "acks", "1",
                "producer.acks", "all",
                "consumer.max.poll.records", "5",
                "application.id", "x",
                "llama.model", "m",
                "schema.registry.url", "mock://x"));
        assertThat(config.adminConfig()).containsOnlyKeys("bootstrap.servers", "security.protocol");
        assertThat(config.producerConfig())
                .containsOnlyKeys("bootstrap.servers", "security.protocol", "acks")
                .containsEntry("acks", "all");
        assertThat(config.consumerConfig())
                .containsOnlyKeys("bootstrap.servers", "security.protocol", "max.poll.records");
        assertThat(config.registryConfig()).containsEntry("schema.registry.url", "mock://x");
    }

    @Test
    void secretsAreNotPrinted() {
        TopologyConfig config = TopologyConfig.of(Map.of(
                "sasl.jaas.config", "PlainLoginModule required password=geheim;",
                "ssl.keystore.password", "geheim",
                "schema.registry.basic.auth.user.info", "me:geheim",
                "basic.auth.credentials.source", "USER_INFO",
                "schema.registry.url", "http://me:geheim@registry:8081,http://second",
                "producer.sasl.oauthbearer.client.credentials.client.secret", "geheim",
                "bearer.auth.token", "geheim",
                "llama.http.token", "geheim",
                "ssl.keystore.key", "geheim"));
        assertThat(config.toString()).doesNotContain("geheim").contains("llama.http.token=[hidden]");
        assertThat(config.httpToken()).contains("geheim");
        assertThat(config.registryConfig()).doesNotContainKey("llama.http.token");
        assertThat(TopologyConfig.toMarkdown())
                .contains("| `llama.http.token` |")
                .doesNotContain("hidden");
        assertThat(config.describe())
                .containsEntry("schema.registry.url", "http://registry:8081,http://second")
                .containsEntry("ssl.keystore.password", "[hidden]")
                .containsEntry("basic.auth.credentials.source", "USER_INFO")
                .containsEntry("llama.max.queued.tokens", "1048576");
    }
}
