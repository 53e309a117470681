package io.llamastreams.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.api.Test;

/**
 * Holds each schema against every form of it that was released: the current one must read them all (BACKWARD_TRANSITIVE).
 *
 * <p>Released forms lie in {@code schemas/released/VERSION/NAME.avsc} of the test resources, with everything that they use
 * inlined, and are never changed; each release adds its own.
 */
class ReleasedSchemasTest {
    private static final List<Class<?>> RECORDS = List.of(
            io.llamastreams.schema.PromptRequest.class,
            io.llamastreams.schema.Completion.class,
            io.llamastreams.schema.TokenStatistics.class,
            io.llamastreams.schema.TokenUsageKey.class,
            io.llamastreams.schema.TokenUsage.class,
            io.llamastreams.schema.BatchStatus.class,
            io.llamastreams.schema.PendingPrompt.class);

    /** Their first form comes with the next release. */
    private static final List<Class<?>> NOT_RELEASED = List.of(
            io.llamastreams.schema.ControlCommand.class,
            io.llamastreams.schema.ControlAcknowledgement.class,
            io.llamastreams.schema.StoredCommand.class,
            io.llamastreams.schema.StoredAnswer.class,
            io.llamastreams.schema.PendingNotes.class);

    @Test
    void currentSchemasReadEveryReleasedForm() throws Exception {
        List<Path> versions = releasedVersions();
        assertThat(versions).isNotEmpty();
        for (Class<?> record : RECORDS) {
            Schema current = GeneratedRecords.schema(record);
            List<Schema> released = new java.util.ArrayList<>();
            for (Path version : versions) {
                Path file = version.resolve(record.getSimpleName() + ".avsc");
                if (Files.exists(file)) {
                    released.add(new Schema.Parser().parse(file.toFile()));
                }
            }
            assertThat(released)
                    .as("released forms of " + record.getSimpleName())
                    .isNotEmpty();
            new SchemaValidatorBuilder().canReadStrategy().validateAll().validate(current, released);
        }
    }

    @Test
    void wouldCatchAnIncompatibleChange() throws Exception {
        Schema released = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}");
        Schema withNewFieldWithoutDefault = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},"
                        + "{\"name\":\"b\",\"type\":\"int\"}]}");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> new SchemaValidatorBuilder()
                        .canReadStrategy()
                        .validateAll()
                        .validate(withNewFieldWithoutDefault, List.of(released)))
                .isInstanceOf(SchemaValidationException.class);
    }

    @Test
    void everyFieldIsDocumented() {
        for (Class<?> record :
                Stream.concat(RECORDS.stream(), NOT_RELEASED.stream()).toList()) {
            TreeSet<String> silent = new TreeSet<>();
            collectUndocumented(GeneratedRecords.schema(record), silent);
            assertThat(silent).as("without documentation").isEmpty();
        }
    }

    private static void collectUndocumented(Schema schema, Set<String> silent) {
        switch (schema.getType()) {
            case RECORD -> {
                if (schema.getDoc() == null) {
                    silent.add(schema.getName());
                }
                for (Schema.Field field : schema.getFields()) {
                    if (field.doc() == null) {
                        silent.add(schema.getName() + "." + field.name());
                    }
                    collectUndocumented(field.schema(), silent);
                }
            }
            case ENUM -> {
                if (schema.getDoc() == null) {
                    silent.add(schema.getName());
                }
            }
            case ARRAY -> collectUndocumented(schema.getElementType(), silent);
            case MAP -> collectUndocumented(schema.getValueType(), silent);
            case UNION -> schema.getTypes().forEach(type -> collectUndocumented(type, silent));
            case FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> {}
        }
    }

    @Test
    void enumsHaveADefaultForReadersThatDoNotKnowANewSymbol() {
        assertThat(io.llamastreams.schema.CompletionStatus.getClassSchema().getEnumDefault())
                .isEqualTo("UNKNOWN");
        assertThat(io.llamastreams.schema.ControlAction.getClassSchema().getEnumDefault())
                .isEqualTo("UNKNOWN");
    }

    private static List<Path> releasedVersions() throws IOException, URISyntaxException {
        URL folder = ReleasedSchemasTest.class.getResource("/schemas/released");
        assertThat(folder).isNotNull();
        try (Stream<Path> versions = Files.list(Path.of(folder.toURI()))) {
            return versions.filter(Files::isDirectory).sorted().toList();
        }
    }
}
