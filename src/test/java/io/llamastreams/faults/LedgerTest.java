package io.llamastreams.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.Origin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private static final Generation TEXT = generation("text", -0.25f);

    private final Ledger ledger = new Ledger(Map.of(
            "text", TEXT, "refused", Generation.rejected("refused", "max_new_tokens: expected at least 1, found 0")));

    @Test
    void knowsWhatIsMissing() {
        assertThat(ledger.missing()).containsExactly("refused", "text");
        ledger.enter(completion(TEXT), "here");
        assertThat(ledger.missing()).containsExactly("refused");
        ledger.enter(
                completion(Generation.rejected("refused", "max_new_tokens: expected at least 1, found 0")), "here");
        assertThat(ledger.missing()).isEmpty();
        assertThat(ledger.completed()).isEqualTo(2);
        assertThat(ledger.duplicated() + ledger.different() + ledger.unknown()).isZero();
        assertThat(ledger.examples()).isEmpty();
    }

    @Test
    void countsWhatComesTwice() {
        ledger.enter(completion(TEXT), "first");
        ledger.enter(completion(TEXT), "second");
        assertThat(ledger.completed()).isEqualTo(1);
        assertThat(ledger.duplicated()).isEqualTo(1);
        assertThat(ledger.examples()).containsExactly("second: text again");
    }

    @Test
    void seesOneBitOfALogprob() {
        ledger.enter(completion(generation("text", Math.nextUp(-0.25f))), "here");
        assertThat(ledger.different()).isEqualTo(1);
        assertThat(ledger.examples().getFirst()).startsWith("here: text: answer: expected");
    }

    @Test
    void seesAnotherEnd() {
        ledger.enter(completion(Generation.failed("text", "out of luck")), "here");
        assertThat(ledger.different()).isEqualTo(1);
        assertThat(ledger.examples())
                .containsExactly("here: text: status: expected SUCCEEDED, found FAILED (out of luck)");
    }

    @Test
    void countsWhatNobodyAskedFor() {
        ledger.enter(completion(generation("other", 0)), "here");
        assertThat(ledger.unknown()).isEqualTo(1);
        assertThat(ledger.completed()).isZero();
    }

    private static Generation generation(String id, float logprob) {
        Choice choice = Choice.only("Once", List.of(5), Optional.of("length"), List.of(logprob));
        return new Generation(
                id, Generation.Status.SUCCEEDED, new Answer.Texts(choice), new Usage(3, 1, 1, 10, 20, 30), 42, "");
    }

    /** As a worker makes it, which has cached other tokens and taken another time. */
    private static CompletionRecord completion(Generation generation) {
        Usage usage = generation.usage();
        return new CompletionRecord(
                generation.id(),
                generation.status(),
                generation.answer(),
                new Usage(usage.promptTokens(), 0, usage.completionTokens(), 1, 2, 3),
                generation.error(),
                new CompletionRecord.Lineage(
                        new Origin("prompts", 0, 1), Instant.EPOCH, "model", generation.seed(), "test", "f32"),
                "tenant",
                Ledger.BATCH_ID,
                Map.of("of", generation.id()));
    }
}
