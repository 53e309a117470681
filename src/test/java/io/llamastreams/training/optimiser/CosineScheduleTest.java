package io.llamastreams.training.optimiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CosineScheduleTest {

    /** Llama 2 with 7 billion weights, but for the number of steps. */
    private final CosineSchedule schedule = CosineSchedule.toTenthOfPeak(3e-4f, 2_000, 10_000);

    @Test
    void climbsInALineToThePeak() {
        assertThat(schedule.rate(1)).isEqualTo(1.5e-7f);
        assertThat(schedule.rate(1_000)).isEqualTo(1.5e-4f);
        assertThat(schedule.rate(2_000)).isEqualTo(3e-4f);
    }

    /** Expected: python3, {@code f + (p - f) / 2 * (1 + cos(pi * (s - 2000) / 8000))} with p = 3e-4, f = 3e-5. */
    @Test
    void fallsAlongACosineToATenthOfThePeak() {
        assertThat(schedule.rate(2_400)).isCloseTo(0.0002983379259803436f, within(3e-11f));
        assertThat(schedule.rate(6_000)).isCloseTo(1.65e-4f, within(3e-11f));
        assertThat(schedule.rate(9_999)).isGreaterThanOrEqualTo(3e-4f / 10);
        assertThat(schedule.rate(10_000)).isEqualTo(3e-4f / 10);
    }

    /** Expected: python3, {@code 0.1 + 0.45 * (1 + cos(pi * s / 5))}. */
    @Test
    void fallsFromTheFirstStepWithoutWarmup() {
        CosineSchedule short5 = CosineSchedule.toTenthOfPeak(1, 0, 5);
        float[] expected = {0.9140576474687263f, 0.6890576474687263f, 0.41094235253127376f, 0.18594235253127372f, 0.1f};
        for (int step = 1; step <= 5; step++) {
            assertThat(short5.rate(step)).isCloseTo(expected[step - 1], within(1e-7f));
        }
        assertThat(CosineSchedule.toTenthOfPeak(1, 0, 1).rate(1)).isEqualTo(0.1f);
    }

    @Test
    void neverRisesAfterThePeakNorFallsBefore() {
        for (int step = 2; step <= 10_000; step++) {
            float change = schedule.rate(step) - schedule.rate(step - 1);
            assertThat(step <= 2_000 ? change : -change).as("step %d", step).isGreaterThanOrEqualTo(0);
        }
    }

    @Test
    void staysLevelWhereTheFinalRateIsThePeak() {
        CosineSchedule level = new CosineSchedule(0.25f, 0.25f, 1, 9);
        for (int step = 1; step <= 9; step++) {
            assertThat(level.rate(step)).isEqualTo(0.25f);
        }
    }

    @Test
    void rejectsStepsOutsideThePhase() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> schedule.rate(0))
                .withMessage("step: expected from 1 to 10000, found 0");
        assertThatIllegalArgumentException().isThrownBy(() -> schedule.rate(10_001));
    }

    @Test
    void rejectsCurvesThatAreNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> new CosineSchedule(0, 0, 1, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new CosineSchedule(Float.NaN, 0, 1, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new CosineSchedule(1, 2, 1, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new CosineSchedule(1, Float.NaN, 1, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new CosineSchedule(1, 0, -1, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CosineSchedule(1, 0, 2, 2))
                .withMessage("warm-up: expected from 0 to below 2 steps, found 2");
    }
}
