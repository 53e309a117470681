package io.llamastreams.topology.serde;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.registry.GeneratedRecords;
import io.llamastreams.schema.PromptRequest;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.OptionSamples;
import io.llamastreams.serving.options.OptionType;
import io.llamastreams.serving.options.RequestOption;
import io.llamastreams.serving.options.RequestOptions;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** The schema of requests and the list of options say the same. */
class OptionSchemaTest {
    static {
        GeneratedRecords.trust();
    }

    /** What a request has besides its options. */
    private static final Set<String> OTHERS =
            Set.of("id", "prompt", "messages", "promptIds", "priority", "deadline", "tenant", "batchId", "attributes");

    private static final Schema SCHEMA = PromptRequest.getClassSchema();

    @Test
    void eachFieldIsAnOptionAndEachOptionAField() {
        assertThat(RequestOptions.ALL.stream().map(option -> AvroOptions.fieldName(option.name())))
                .containsExactlyInAnyOrderElementsOf(SCHEMA.getFields().stream()
                        .map(Schema.Field::name)
                        .filter(name -> !OTHERS.contains(name))
                        .toList());
        assertThat(SCHEMA.getFields()).extracting(Schema.Field::name).containsAll(OTHERS);
    }

    @Test
    void typesAgree() {
        for (RequestOption<?> option : RequestOptions.ALL) {
            assertThat(kind(field(option).schema()))
                    .as(option.name())
                    .isEqualTo(schemaKind(option.type().kind()));
        }
    }

    /** Reading relies on it: a field that has its default is not there. */
    @Test
    void defaultsAgree() {
        PromptRequest record = fresh();
        new AvroOptions(record).write(GenerationOptions.DEFAULT);
        assertThat(record).isEqualTo(fresh());
        assertThat(new AvroOptions(fresh()).read()).isEqualTo(GenerationOptions.DEFAULT);
    }

    @Test
    void eachOptionSurvivesTheRoundTrip() {
        for (RequestOption<?> option : RequestOptions.ALL) {
            GenerationOptions wanted = OptionSamples.with(option);
            PromptRequest record = fresh();
            new AvroOptions(record).write(wanted);
            assertThat(record).as(option.name()).isNotEqualTo(fresh());
            assertThat(new AvroOptions(record).read()).as(option.name()).isEqualTo(wanted);
        }
    }

    @Test
    void meaningsAgree() {
        for (RequestOption<?> option : RequestOptions.ALL) {
            String meaning = option.meaning();
            for (RequestOption<?> named : RequestOptions.ALL) {
                if (named.name().contains("_")) {
                    meaning = meaning.replaceAll("\\b" + named.name() + "\\b", AvroOptions.fieldName(named.name()));
                }
            }
            assertThat(field(option).doc()).as(option.name()).isEqualTo(meaning);
        }
    }

    private static PromptRequest fresh() {
        return PromptRequest.newBuilder().setId("").build();
    }

    private static Schema.Field field(RequestOption<?> option) {
        return SCHEMA.getField(AvroOptions.fieldName(option.name()));
    }

    private static String kind(Schema schema) {
        return switch (schema.getType()) {
            case UNION -> {
                List<Schema> types = schema.getTypes();
                assertThat(types).hasSize(2);
                assertThat(types.getFirst().getType()).isEqualTo(Schema.Type.NULL);
                yield kind(types.getLast());
            }
            case ARRAY -> "array of " + kind(schema.getElementType());
            case RECORD -> schema.getName();
            default -> schema.getType().getName();
        };
    }

    private static String schemaKind(OptionType.Kind kind) {
        return switch (kind) {
            case NUMBER -> "double";
            case INTEGER -> "int";
            case LONG -> "long";
            case SWITCH, MARK -> "boolean";
            case TEXT -> "string";
            case TEXTS -> "array of string";
            case TOKEN_IDS -> "array of int";
            case BIASES -> "array of TokenBias";
            case REPETITION -> "RepetitionDetection";
        };
    }
}
