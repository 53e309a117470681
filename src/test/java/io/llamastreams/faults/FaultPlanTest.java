package io.llamastreams.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

    @Test
    void hasEachKindByItsWeight() {
        List<FaultKind> plan = FaultPlan.of(310, 7);
        assertThat(plan).hasSize(310);
        for (FaultKind kind : FaultKind.values()) {
            assertThat(Collections.frequency(plan, kind)).as(kind.label()).isEqualTo(10 * kind.weight());
        }
    }

    @Test
    void hasOneOfEachKindAtLeast() {
        assertThat(FaultPlan.of(FaultKind.values().length, 7)).containsExactlyInAnyOrder(FaultKind.values());
        assertThatThrownBy(() -> FaultPlan.of(3, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("faults: expected at least 17, found 3");
    }

    @Test
    void isTheSeedsAlone() {
        assertThat(FaultPlan.of(50, 1)).isEqualTo(FaultPlan.of(50, 1)).isNotEqualTo(FaultPlan.of(50, 2));
    }
}
