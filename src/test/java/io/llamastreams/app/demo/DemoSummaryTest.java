package io.llamastreams.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.accuracy.Judge;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestReader;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.record.UsageRecord.Totals;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DemoSummaryTest {

    private static final Instant START = Instant.parse("2024-05-01T10:00:00Z");

    @Test
    void lastRecordOfAKeyCounts() {
        UsageTotals totals = new UsageTotals();
        totals.add(usage("north", START, new Totals(1, 0, 0, 0, 0, 10, 0, 5)));
        totals.add(usage("south", START, new Totals(2, 1, 0, 0, 0, 7, 1, 6)));
        totals.add(usage("north", START, new Totals(3, 0, 0, 0, 0, 30, 2, 15)));
        totals.add(usage("north", START.plusSeconds(60), new Totals(1, 0, 1, 0, 0, 1, 0, 1)));
        assertThat(totals.records()).extracting(UsageRecord::tenant).containsExactly("north", "south", "north");
        assertThat(totals.sum()).isEqualTo(new Totals(6, 1, 1, 0, 0, 38, 3, 22));
        assertThat(totals.sum().requests()).isEqualTo(8);
    }

    @Test
    void jsonCountsRejectedPromptsAsFailed() throws Exception {
        JsonNode json = Json.read(summary().toJson(Optional.empty()));
        assertThat(json.get("requests").asInt()).isEqualTo(4);
        assertThat(json.get("succeeded").asInt()).isEqualTo(1);
        assertThat(json.get("failed").asInt()).isEqualTo(3);
        assertThat(json.get("rejected").asInt()).isEqualTo(2);
        assertThat(json.get("prompt_tokens").asLong()).isEqualTo(12);
        assertThat(json.get("completion_tokens").asLong()).isEqualTo(50);
        assertThat(json.get("tokens_per_s").asDouble()).isEqualTo(25.0);
        assertThat(json.get("kv_blocks_peak").asInt()).isEqualTo(3);
        assertThat(json.get("usage").get(0).get("tenant").asText()).isEqualTo("north");
        assertThat(json.has("json_valid") || json.has("field_accuracy") || json.has("exact_match"))
                .as("shares where nothing was expected")
                .isFalse();
        assertThat(json.get("usage").get(0).get("window_start").asText()).isEqualTo("2024-05-01T10:00:00Z");
    }

    @Test
    void viewNamesEveryEndAndTheUsageOfEachTenant() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        DemoView view = new DemoView(out, false, ZoneOffset.UTC, prompts("{\"id\":\"a\",\"prompt\":\"Once upon a\"}"));
        view.show(succeeded("a", " time é"));
        view.show(Generation.rejected("b", "max_new_tokens: expected at least 1, found 0"));
        view.show(summary());
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("a  (50 tokens, length)")
                .contains("  Once upon a >> time é")
                .contains("b  rejected: max_new_tokens: expected at least 1, found 0")
                .contains("4  (1 succeeded, 2 rejected, 1 failed otherwise)")
                .contains("3 of 12 blocks at the peak (25.0 %)")
                .containsPattern("north +10:00:00 - 10:01:00 +3 +12 +50");
    }

    @Test
    void jsonHasTheSharesOfWhatWasExpected() throws Exception {
        AnswerKey key = AnswerKey.of(prompts("""
                {"id":"a","prompt":"x","expected":{"k":1,"l":null}}
                {"id":"b","prompt":"x","expected":{"k":1,"l":null}}
                {"id":"c","prompt":7,"expected":{"k":1,"l":null}}
                {"id":"d","prompt":"x","expected":"yes"}
                {"id":"e","prompt":"nothing expected"}"""));
        key.add(succeeded("e", "{}"));
        key.add(succeeded("b", "{\"k\":1.0,\"l\":0}"));
        key.add(succeeded("a", " {\"k\":1,\"l\":null} "));
        key.add(Generation.rejected("c", "line 3: no"));
        key.add(succeeded("d", "yes"));
        Judge judge = key.judge().orElseThrow();
        JsonNode json = Json.read(summary().toJson(Optional.of(judge.accuracy())));
        assertThat(json.get("json_valid").asDouble()).isEqualTo(2.0 / 3);
        assertThat(json.get("all_fields_right").asDouble()).isEqualTo(1.0 / 3);
        assertThat(json.get("field_accuracy")).isEqualTo(Json.read("{\"k\":" + 2.0 / 3 + ",\"l\":" + 1.0 / 3 + "}"));
        assertThat(json.get("exact_match").asDouble()).isEqualTo(0.5);
        assertThat(judge.examples())
                .extracting(example -> example.generation().id())
                .containsExactly("b", "c");
    }

    @Test
    void answersAreComparedByAnIdThatIsThereOnce() throws Exception {
        DemoPrompts twice = prompts("""
                {"id":"a","prompt":"x","expected":"y"}
                {"id":"a","prompt":"x"}""");
        assertThatThrownBy(() -> AnswerKey.of(twice))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("prompt a: expected every id once");
        assertThat(AnswerKey.of(prompts("{\"id\":\"a\",\"prompt\":\"x\"}\n".repeat(2)))
                        .judge())
                .isEmpty();
        DemoPrompts number = prompts("{\"id\":\"a\",\"prompt\":\"x\",\"expected\":7}");
        assertThatThrownBy(() -> AnswerKey.of(number))
                .hasMessage("prompt a: expected: expected an object or a string, found 7");
    }

    @Test
    void ofManyTextsSomeAreShownFromTheFirstToTheLast() {
        for (int total : new int[] {31, 37, 300, 10_000}) {
            Samples samples = new Samples(total);
            List<Integer> shown = new ArrayList<>();
            for (int i = 0; i < total; i++) {
                if (samples.takes(succeeded("x", "y"))) {
                    shown.add(i);
                }
            }
            assertThat(shown).as("of %d", total).hasSize(Samples.SHOWN).startsWith(0);
            assertThat(shown.getLast()).as("of %d", total).isGreaterThan(total * 3 / 4);
        }
        Samples failures = new Samples(300);
        assertThat(IntStream.range(0, 300)
                        .filter(i -> failures.takes(Generation.rejected("x", "no")))
                        .count())
                .isEqualTo(Samples.SHOWN);
        Samples few = new Samples(30);
        assertThat(IntStream.range(0, 30).allMatch(i -> few.takes(succeeded("x", "y"))))
                .isTrue();
    }

    private static DemoPrompts prompts(String lines) throws IOException {
        try (RequestReader reader = new RequestReader(
                new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), InstantSource.system(), warning -> {
                    throw new AssertionError(warning);
                })) {
            return DemoPrompts.read(reader);
        }
    }

    private static DemoSummary summary() {
        Tally tally = new Tally();
        tally.add(succeeded("a", "x"));
        tally.add(Generation.rejected("b", "no"));
        tally.add(Generation.rejected("c", "no"));
        tally.add(end("d", Generation.Status.FAILED, "", Usage.NONE));
        return new DemoSummary(
                "m",
                tally.counts(),
                Duration.ofSeconds(2),
                new DemoSummary.KvBlocks(3, 12),
                List.of(usage("north", START, new Totals(1, 1, 1, 0, 0, 12, 0, 50))));
    }

    private static Generation succeeded(String id, String text) {
        return end(id, Generation.Status.SUCCEEDED, text, new Usage(12, 4, 50, 0, 0, 0));
    }

    private static Generation end(String id, Generation.Status status, String text, Usage usage) {
        return new Generation(
                id,
                status,
                new Answer.Texts(Choice.only(text, List.of(), Optional.of("length"), List.of())),
                usage,
                0,
                "");
    }

    private static UsageRecord usage(String tenant, Instant start, Totals totals) {
        return new UsageRecord(tenant, "m", start, start.plusSeconds(60), totals);
    }
}
