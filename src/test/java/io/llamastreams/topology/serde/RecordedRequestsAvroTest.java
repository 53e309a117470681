package io.llamastreams.topology.serde;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.schema.PromptRequest;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.options.RecordedRequest;
import io.llamastreams.topology.record.IncomingPrompt;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.Test;

/** Options as an Avro record and back, as they were recorded. */
class RecordedRequestsAvroTest {

    @Test
    void recordsAreThoseThatWereRecordedAndAreReadBack() {
        for (RecordedRequest recorded : RecordedRequest.all()) {
            if (recorded.read() instanceof RequestLine.Accepted accepted) {
                Prompt prompt = accepted.prompt();
                PromptRequest record =
                        (PromptRequest) RecordMappings.PROMPT.toRecord().apply(prompt);
                assertThat(fields(record)).as(recorded.line()).isEqualTo(recorded.fields());
                assertThat(RecordMappings.INCOMING.fromRecord().apply(record))
                        .as(recorded.line())
                        .isEqualTo(new IncomingPrompt(prompt, ""));
            }
        }
    }

    /** A new record that leaves out a value, and one that gives the default, are the same record. */
    private static String fields(PromptRequest record) {
        PromptRequest defaults =
                PromptRequest.newBuilder().setId("").setPrompt("").build();
        List<String> others = record.getSchema().getFields().stream()
                .map(Schema.Field::name)
                .filter(name -> !Objects.equals(record.get(name), defaults.get(name)))
                .map(name -> name + "=" + GenericData.get().toString(record.get(name)))
                .toList();
        return String.join(" ", others);
    }
}
