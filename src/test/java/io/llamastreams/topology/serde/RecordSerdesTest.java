package io.llamastreams.topology.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.registry.ConfluentSchemaRegistry;
import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.registry.UnknownSchemaException;
import io.llamastreams.schema.PromptRequest;
import io.llamastreams.schema.TokenBias;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.Score;
import io.llamastreams.serving.Usage;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.options.TokenOptions;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.IncomingPrompt;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.StatisticsRecord;
import io.llamastreams.topology.record.UsageKey;
import io.llamastreams.topology.record.UsageRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

class RecordSerdesTest {
    private static final String TOPIC = "some-topic";
    private static final SamplingOptions SAMPLING = new SamplingOptions(
            0.5,
            40,
            0.9,
            0.05,
            0.8,
            new PenaltyOptions(1.1, 0.2, -0.3),
            new TokenOptions(Map.of(5, -1.5, 3, 2.0), List.of("bad", "worse"), List.of(9, 8)),
            Optional.of(-3L));
    private static final EndingOptions ENDING = new EndingOptions(
            7, 2, List.of("\n\n", "é"), List.of(2, 13), true, Optional.of(new EndingOptions.Repetition(8, 4)));
    private static final GenerationOptions OPTIONS = new GenerationOptions(
            new Task.Generate(),
            new SampleOptions(2, Optional.of(3)),
            SAMPLING,
            ENDING,
            new ReportOptions(Optional.of(5), Optional.of(0)),
            Optional.of(new Structure.Regex("a+")));

    private final SchemaRegistry registry = Registries.open(Map.of("schema.registry.url", "mock://record-serdes"));
    private final PromptSerializer promptSerializer = new PromptSerializer(registry);
    private final Deserializer<IncomingPrompt> promptDeserializer =
            RecordSerdes.deserializer(RecordMappings.INCOMING, registry);

    @Test
    void promptsSurviveTheRoundTrip() {
        for (PromptInput input : List.of(
                new PromptInput.Text("Once upon a time, 日本 \uD83D\uDE00"),
                new PromptInput.Text(""),
                new PromptInput.Tokens(List.of(1, 2, 3)),
                new PromptInput.Messages(List.of(
                        new PromptInput.Message("system", "Be brief."), new PromptInput.Message("user", "Hi"))))) {
            Prompt prompt =
                    new Prompt("id-1", input, OPTIONS, 5, Optional.of(123456789L), "acme", "batch-7", Map.of("a", "b"));
            IncomingPrompt read = promptDeserializer.deserialize(TOPIC, promptSerializer.serialize(TOPIC, prompt));
            assertThat(read).isEqualTo(new IncomingPrompt(prompt, ""));
        }
    }

    @Test
    void strangeNumbersAreHandedOnForServingToJudge() {
        GenerationOptions odd = new GenerationOptions(
                new Task.Label(List.of()),
                new SampleOptions(-1, Optional.of(-2)),
                new SamplingOptions(
                        Double.NaN,
                        -5,
                        Double.POSITIVE_INFINITY,
                        -0.0,
                        Double.NEGATIVE_INFINITY,
                        new PenaltyOptions(Double.NaN, Double.NaN, Double.NaN),
                        new TokenOptions(Map.of(-1, Double.NaN), List.of(""), List.of(-1)),
                        Optional.empty()),
                new EndingOptions(
                        -1, -1, List.of(), List.of(), false, Optional.of(new EndingOptions.Repetition(-1, -1))),
                new ReportOptions(Optional.of(-7), Optional.of(-1)),
                Optional.of(new Structure.Choice(List.of())));
        Prompt prompt = Prompt.ofText("i", "x", odd);
        IncomingPrompt read = promptDeserializer.deserialize(TOPIC, promptSerializer.serialize(TOPIC, prompt));
        assertThat(read.prompt()).isEqualTo(prompt);
    }

    @Test
    void everyTaskAndStructureSurvivesTheRoundTrip() {
        for (Task task :
                List.of(new Task.Label(List.of("a", "b")), new Task.Continuations(List.of("é")), new Task.Embed())) {
            survives(GenerationOptions.DEFAULT.withTask(task));
        }
        for (Structure structure : List.of(
                new Structure.JsonSchema("{\"type\":\"object\"}"),
                new Structure.JsonObject(),
                new Structure.Regex("a+"),
                new Structure.Choice(List.of("a", "b")),
                new Structure.Grammar("root ::= \"a\""))) {
            survives(GenerationOptions.DEFAULT.withStructure(structure));
        }
        survives(GenerationOptions.DEFAULT.withLogprobs(0));
    }

    private void survives(GenerationOptions options) {
        Prompt prompt = Prompt.ofText("i", "x", options);
        assertThat(promptDeserializer.deserialize(TOPIC, promptSerializer.serialize(TOPIC, prompt)))
                .isEqualTo(new IncomingPrompt(prompt, ""));
    }

    @Test
    void reportsTwoOfWhichOneIsWanted() {
        PromptRequest.Builder twice = PromptRequest.newBuilder().setId("i").setPrompt("x");
        assertThat(fault(PromptRequest.newBuilder(twice).setEmbed(true).setLabel(List.of("a"))))
                .isEqualTo("expected at most one of label, continuations and embed, found label and embed");
        assertThat(fault(PromptRequest.newBuilder(twice).setRegex("a").setJsonObject(true)))
                .isEqualTo("expected at most one of jsonSchema, jsonObject, regex, choice and grammar,"
                        + " found jsonObject and regex");
        assertThat(fault(PromptRequest.newBuilder(twice)
                        .setLogitBias(List.of(new TokenBias(3, 1.0), new TokenBias(3, 2.0)))))
                .isEqualTo("logitBias: expected each token once, found one twice");
        assertThat(fault(PromptRequest.newBuilder(twice).setPromptIds(List.of(1))))
                .isEqualTo("expected exactly one of prompt, messages and promptIds, found prompt and promptIds");
    }

    private static String fault(PromptRequest.Builder request) {
        return RecordMappings.INCOMING.read(request.build()).fault();
    }

    @Test
    void everyKindOfAnswerSurvivesTheRoundTrip() {
        List<LikelyTokens> likeliest = List.of(
                new LikelyTokens(List.of(4, 2), List.of(-0.5f, -1.5f)), new LikelyTokens(List.of(5), List.of(-0.25f)));
        for (Answer answer : List.of(
                new Answer.Nothing(),
                new Answer.Texts(
                        List.of(
                                new Choice(
                                        0,
                                        "a",
                                        List.of(4, 5),
                                        Optional.of("stop"),
                                        List.of(-0.5f, -0.25f),
                                        likeliest,
                                        Optional.of(-0.75)),
                                new Choice(1, "", List.of(), Optional.empty(), List.of(), List.of(), Optional.empty())),
                        Optional.of(new PromptScores(List.of(1, 4, 5), List.of(-2f, -3f), likeliest))),
                new Answer.Scores(
                        List.of(
                                new Score("a", List.of(4), -0.5, true, Optional.of(0.75), List.of(-0.5f), likeliest),
                                new Score("b", List.of(5, 6), -1.5, false, Optional.of(0.25), List.of(), List.of())),
                        Optional.of("a")),
                new Answer.Scores(
                        List.of(new Score("é", List.of(4), -0.5, true, Optional.empty(), List.of(), List.of())),
                        Optional.empty()),
                new Answer.Embedding(List.of(0.5f, -1e-30f)))) {
            roundTrip(
                    RecordSerdes.serializer(RecordMappings.COMPLETION, registry),
                    new CompletionDeserializer(registry),
                    completion(answer));
            int bytes = RecordSerdes.serializer(RecordMappings.COMPLETION, registry)
                    .serialize(TOPIC, completion(answer))
                    .length;
            int others = RecordSerdes.serializer(RecordMappings.COMPLETION, registry)
                    .serialize(TOPIC, completion(new Answer.Nothing()))
                    .length;
            assertThat(AnswerSize.bytes(answer)).isGreaterThanOrEqualTo(bytes - others);
        }
    }

    private static CompletionRecord completion(Answer answer) {
        return new CompletionRecord(
                "id",
                Generation.Status.SUCCEEDED,
                answer,
                new Usage(5, 2, 9, 10L, 20L, 30L),
                "",
                new CompletionRecord.Lineage(
                        new Origin("llama.prompts", 3, 99), Instant.ofEpochMilli(5), "stories260K", -8L, "0.1", "f16"),
                "acme",
                "b",
                Map.of("k", "v"));
    }

    @Test
    void completionsStatisticsAndUsageSurviveTheRoundTrip() {
        Usage usage = new Usage(5, 2, 9, 10L, 20L, 30L);
        CompletionRecord completion = completion(new Answer.Texts(
                Choice.only(" text", List.of(4, 5), Optional.of("length"), List.of(-0.5f, Float.NaN))));
        roundTrip(
                RecordSerdes.serializer(RecordMappings.COMPLETION, registry),
                new CompletionDeserializer(registry),
                completion);
        for (Generation.Status status : Generation.Status.values()) {
            roundTrip(
                    RecordSerdes.serializer(RecordMappings.STATISTICS, registry),
                    RecordSerdes.deserializer(RecordMappings.STATISTICS, registry),
                    new StatisticsRecord("id", status, "acme", "m", "b", usage));
        }
        Instant start = Instant.ofEpochMilli(60_000);
        UsageRecord.Totals totals = new UsageRecord.Totals(1, 2, 3, 4, 5, 6, 7, 8);
        roundTrip(
                RecordSerdes.serializer(RecordMappings.USAGE, registry),
                RecordSerdes.deserializer(RecordMappings.USAGE, registry),
                new UsageRecord("acme", "m", start, start.plusSeconds(60), totals));
        roundTrip(
                TestSerdes.keySerializer(RecordMappings.USAGE_KEY, registry),
                TestSerdes.keyDeserializer(RecordMappings.USAGE_KEY, registry),
                new UsageKey("acme", "m", start));
    }

    private static <T> void roundTrip(Serializer<T> serializer, Deserializer<T> deserializer, T value) {
        assertThat(deserializer.deserialize(TOPIC, serializer.serialize(TOPIC, value)))
                .isEqualTo(value);
    }

    @Test
    void subjectsFollowTheTopicsName() {
        TestSerdes.keySerializer(RecordMappings.USAGE_KEY, registry)
                .serialize("t", new UsageKey("", "", Instant.EPOCH));
        promptSerializer.serialize("t", Prompt.ofText("", "", OPTIONS));
        assertThat(registry.lookUp("t-key", RecordMappings.USAGE_KEY.schemaJson()))
                .isPositive();
        assertThat(registry.lookUp("t-value", RecordMappings.PROMPT.schemaJson()))
                .isPositive();
    }

    @Test
    void writesMagicByteAndIdInFrontOfTheBody() {
        byte[] bytes = promptSerializer.serialize(TOPIC, Prompt.ofText("i", "x", OPTIONS));
        int id = registry.lookUp(TOPIC + "-value", RecordMappings.PROMPT.schemaJson());
        assertThat(bytes[0]).isZero();
        assertThat(ByteBuffer.wrap(bytes).getInt(1)).isEqualTo(id);
    }

    @Test
    void readsTheHeaderForms() {
        Prompt prompt = Prompt.ofText("i", "x", OPTIONS);
        byte[] framed = promptSerializer.serialize(TOPIC, prompt);
        byte[] body = Arrays.copyOfRange(framed, 5, framed.length);
        UUID guid = ConfluentSchemaRegistry.mockGuid(RecordMappings.PROMPT.schemaJson());
        byte[] guidHeader = ByteBuffer.allocate(17)
                .put((byte) 1)
                .putLong(guid.getMostSignificantBits())
                .putLong(guid.getLeastSignificantBits())
                .array();
        byte[] idHeader = Arrays.copyOf(framed, 5);
        for (byte[] header : List.of(guidHeader, idHeader)) {
            Headers headers =
                    new RecordHeaders().add("__key_schema_id", new byte[] {9}).add("__value_schema_id", header);
            assertThat(promptDeserializer.deserialize(TOPIC, headers, body).prompt())
                    .isEqualTo(prompt);
        }
    }

    @Test
    void refusesWhatIsNoRecord() {
        int id = registry.lookUp("llama.prompts-value", RecordMappings.PROMPT.schemaJson());
        byte[] good = promptSerializer.serialize(TOPIC, Prompt.ofText("id", "text", OPTIONS));
        refused(null, "without a value");
        refused(new byte[0], "found a record of 0 bytes");
        refused(new byte[] {0, 0, 0}, "found a record of 3 bytes");
        refused("{\"id\":1}".getBytes(StandardCharsets.UTF_8), "magic byte: expected 0, found 123");
        refused(Arrays.copyOf(good, good.length + 1), "found more bytes");
        for (int length = 5; length < good.length; length++) {
            refused(Arrays.copyOf(good, length), "schema id " + id);
        }
        byte[] hugeString = ByteBuffer.allocate(10)
                .put((byte) 0)
                .putInt(id)
                .put(new byte[] {-2, -1, -1, -1, 15})
                .array();
        refused(hugeString, "not a PromptRequest record");
    }

    private void refused(byte[] bytes, String reason) {
        assertThatThrownBy(() -> promptDeserializer.deserialize(TOPIC, new RecordHeaders(), bytes))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void refusesBrokenHeaders() {
        for (byte[] header : List.of(new byte[0], new byte[] {1}, new byte[17], new byte[] {2, 0, 0, 0, 0})) {
            Headers headers = new RecordHeaders().add("__value_schema_id", header);
            assertThatThrownBy(() -> promptDeserializer.deserialize(TOPIC, headers, new byte[20]))
                    .isInstanceOf(RecordFormatException.class)
                    .hasMessageContaining("schema id header");
        }
    }

    @Test
    void namesUnknownSchemas() {
        assertThatThrownBy(() -> promptDeserializer.deserialize(TOPIC, new byte[] {0, 0, 1, 0, 0, 7}))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("mock://record-serdes")
                .hasMessageContaining("schema id 65536");
    }

    @Test
    void refusesRecordsOfAnotherSchema() {
        byte[] statistics = RecordSerdes.serializer(RecordMappings.STATISTICS, registry)
                .serialize(TOPIC, new StatisticsRecord("i", Generation.Status.FAILED, "", "", "", Usage.NONE));
        assertThatThrownBy(() -> promptDeserializer.deserialize(TOPIC, statistics))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("expected a schema that can be read as io.llamastreams.schema.PromptRequest")
                .hasMessageContaining("TokenStatistics");
    }

    @Test
    void readsOlderAndNewerVersionsOfItsSchema() {
        String older =
                "{\"type\":\"record\",\"name\":\"PromptRequest\",\"namespace\":\"io.llamastreams.schema\",\"fields\":["
                        + "{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"prompt\",\"type\":\"string\"},"
                        + "{\"name\":\"fromTheFuture\",\"type\":\"int\"}]}";
        int id = registry.register("older-value", older);
        byte[] bytes = {0, 0, 0, 0, (byte) id, 4, 'i', 'd', 2, 'x', 84};
        assertThat(promptDeserializer.deserialize(TOPIC, bytes).prompt())
                .isEqualTo(Prompt.ofText("id", "x", GenerationOptions.DEFAULT));
    }

    @Test
    void reportsPromptsWithNothingOrTooMuchToContinue() {
        String schema = RecordMappings.PROMPT.schemaJson();
        assertThat(schema).contains("promptIds");
        String nothing = "{\"type\":\"record\",\"name\":\"PromptRequest\",\"namespace\":\"io.llamastreams.schema\","
                + "\"fields\":[{\"name\":\"id\",\"type\":\"string\"}]}";
        int id = registry.register("nothing-value", nothing);
        IncomingPrompt read = promptDeserializer.deserialize(TOPIC, new byte[] {0, 0, 0, 0, (byte) id, 2, 'i'});
        assertThat(read.prompt().id()).isEqualTo("i");
        assertThat(read.fault()).isEqualTo("expected exactly one of prompt, messages and promptIds, found none");
    }

    @Test
    void mockRegistriesOfDifferentProcessesAgree() {
        // Scopes share nothing, as processes do.
        Prompt prompt = Prompt.ofText("i", "x", OPTIONS);
        try (PromptSerializer writing = new PromptSerializer();
                CompletionDeserializer reading = new CompletionDeserializer();
                CompletionDeserializer other = new CompletionDeserializer()) {
            writing.configure(Map.of("schema.registry.url", "mock://one-process"), false);
            reading.configure(Map.of("schema.registry.url", "mock://another"), false);
            other.configure(Map.of("schema.registry.url", "mock://third"), false);
            byte[] bytes = writing.serialize(TOPIC, prompt);
            SchemaRegistry third = Registries.open(Map.of("schema.registry.url", "mock://third"));
            assertThat(RecordSerdes.deserializer(RecordMappings.INCOMING, third)
                            .deserialize(TOPIC, bytes)
                            .prompt())
                    .isEqualTo(prompt);
            assertThatThrownBy(() -> reading.deserialize(TOPIC, bytes)).isInstanceOf(RecordFormatException.class);
        }
    }

    @Test
    void otherSerializersDropIn() {
        Map<String, String> config = Map.of(
                TopologyConfig.SERIALIZER, "org.apache.kafka.common.serialization.StringSerializer",
                TopologyConfig.DESERIALIZER, "org.apache.kafka.common.serialization.StringDeserializer");
        try (PromptSerializer serializer = new PromptSerializer();
                CompletionDeserializer deserializer = new CompletionDeserializer()) {
            serializer.configure(config, false);
            assertThatThrownBy(() -> serializer.serialize(TOPIC, Prompt.ofText("i", "x", OPTIONS)))
                    .isInstanceOf(ClassCastException.class);
            deserializer.configure(config, false);
            assertThatThrownBy(() -> deserializer.deserialize(TOPIC, new byte[] {'x'}))
                    .isInstanceOf(RecordFormatException.class)
                    .hasMessageContaining("expected io.llamastreams.schema.Completion, found java.lang.String");
            assertThatThrownBy(
                            () -> deserializer.configure(Map.of(TopologyConfig.DESERIALIZER, "no.such.Class"), false))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("no.such.Class");
        }
    }
}
