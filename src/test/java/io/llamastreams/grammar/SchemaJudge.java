package io.llamastreams.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;

/** Whether texts are valid under a schema, as a library of others has it. Formats are assertions here. */
final class SchemaJudge {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String text;
    private final Schema schema;

    SchemaJudge(String schema) {
        text = schema;
        this.schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema, InputFormat.JSON);
    }

    List<String> errors(String json) {
        List<Error> errors = schema.validate(
                json,
                InputFormat.JSON,
                context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
        return errors.stream().map(Error::toString).toList();
    }

    void requireValid(String json, Object... about) {
        try {
            assertThat(MAPPER.readTree(json)).as("%s under %s", json, text).isNotNull();
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + json + " under " + text + " " + List.of(about), e);
        }
        assertThat(errors(json))
                .as("%s under %s %s", json, text, List.of(about))
                .isEmpty();
    }
}
