package io.llamastreams.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import io.llamastreams.topology.UsageRecord;
import io.llamastreams.topology.UsageRecord.Totals;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        JsonNode json = Json.read(summary().toJson());
        assertThat(json.get("requests").asInt()).isEqualTo(4);
        assertThat(json.get("succeeded").asInt()).isEqualTo(1);
        assertThat(json.get("failed").asInt()).isEqualTo(3);
        assertThat(json.get("rejected").asInt()).isEqualTo(2);
        assertThat(json.get("prompt_tokens").asLong()).isEqualTo(12);
        assertThat(json.get("completion_tokens").asLong()).isEqualTo(50);
        assertThat(json.get("tokens_per_s").asDouble()).isEqualTo(25.0);
        assertThat(json.get("kv_blocks_peak").asInt()).isEqualTo(3);
        assertThat(json.get("usage").get(0).get("tenant").asText()).isEqualTo("north");
        assertThat(json.get("usage").get(0).get("window_start").asText()).isEqualTo("2024-05-01T10:00:00Z");
    }

    @Test
    void viewNamesEveryEndAndTheUsageOfEachTenant() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        DemoView view = new DemoView(out, false, ZoneOffset.UTC, Map.of("a", "Once upon a"));
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

    private static DemoSummary summary() {
        Tally tally = new Tally();
        tally.add(succeeded("a", "x"));
        tally.add(Generation.rejected("b", "no"));
        tally.add(Generation.rejected("c", "no"));
        tally.add(end("d", Generation.Status.FAILED, "", Usage.NONE));
        return new DemoSummary(
                "m",
                tally.ended(),
                tally.succeeded(),
                tally.rejected(),
                tally.promptTokens(),
                tally.cachedTokens(),
                tally.completionTokens(),
                Duration.ofSeconds(2),
                3,
                12,
                List.of(usage("north", START, new Totals(1, 1, 1, 0, 0, 12, 0, 50))));
    }

    private static Generation succeeded(String id, String text) {
        return end(id, Generation.Status.SUCCEEDED, text, new Usage(12, 4, 50, 0, 0, 0));
    }

    private static Generation end(String id, Generation.Status status, String text, Usage usage) {
        return new Generation(id, status, text, List.of(), List.of(), Optional.of("length"), usage, 0, "");
    }

    private static UsageRecord usage(String tenant, Instant start, Totals totals) {
        return new UsageRecord(tenant, "m", start, start.plusSeconds(60), totals);
    }
}
