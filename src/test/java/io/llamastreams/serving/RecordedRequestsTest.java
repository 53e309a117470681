package io.llamastreams.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.serving.options.RecordedRequest;
import io.llamastreams.serving.options.RequestOptions;
import org.junit.jupiter.api.Test;

/** Each option alone, with good, bad and wrongly typed values; pairs of them; and all: as they were read, checked and digested. */
class RecordedRequestsTest {
    @Test
    void digestsAndRefusalsAreThoseThatWereRecorded() {
        for (RecordedRequest recorded : RecordedRequest.all()) {
            assertThat(now(recorded)).isEqualTo(recorded);
        }
    }

    @Test
    void manyAreReadServedAndRefused() {
        assertThat(RecordedRequest.all())
                .hasSizeGreaterThan(1000)
                .filteredOn(recorded -> recorded.refused().isEmpty())
                .hasSizeGreaterThan(700)
                .filteredOn(recorded -> recorded.problem().isEmpty())
                .hasSizeGreaterThan(500);
    }

    private RecordedRequest now(RecordedRequest recorded) {
        return switch (recorded.read()) {
            case RequestLine.Refused refused -> new RecordedRequest(recorded.line(), refused.reason(), "", "", "");
            case RequestLine.Accepted accepted ->
                new RecordedRequest(
                        recorded.line(),
                        "",
                        RequestDigest.parameters(accepted.prompt(), "chat"),
                        RequestOptions.problem(accepted.prompt().options(), RecordedRequest.VOCABULARY_SIZE)
                                .orElse(""),
                        recorded.fields());
        };
    }
}
