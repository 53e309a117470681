package io.llamastreams.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class BenchPlanTest {
    @Test
    void takesMemoryForALongPromptOfOneSequenceOnly() {
        BenchPlan plan = new BenchPlan(List.of(128, 2048), List.of(128), List.of(1, 64), 32, 3);
        assertThat(plan.points()).hasSize(4);
        assertThat(plan.positions()).isEqualTo(2048);
        List<BenchPlan> parts = plan.parts();
        assertThat(parts).extracting(BenchPlan::sequences).containsExactly(1, 64);
        assertThat(parts).extracting(BenchPlan::positions).containsExactly(2048, 160);
        assertThat(parts).flatExtracting(BenchPlan::points).isEqualTo(plan.points());
        assertThat(parts).extracting(BenchPlan::newTokens).containsExactly(0, 32);
    }

    @Test
    void hasOnePartWhereOneKindIsMeasured() {
        assertThat(new BenchPlan(List.of(0), List.of(128), List.of(4), 32, 3).parts())
                .extracting(BenchPlan::sequences)
                .containsExactly(4);
        assertThat(new BenchPlan(List.of(64), List.of(128), List.of(4), 0, 3).parts())
                .extracting(BenchPlan::positions)
                .containsExactly(64);
    }

    @Test
    void namesTheOptionThatIsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BenchPlan(List.of(1), List.of(1), List.of(0), 1, 1))
                .withMessage("--batch: expected 1 to 4096, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BenchPlan(List.of(0), List.of(1), List.of(1), 0, 1))
                .withMessageContaining("--prefill 0 and --decode 0");
    }
}
