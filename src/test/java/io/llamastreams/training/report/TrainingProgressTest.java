package io.llamastreams.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrainingProgressTest {

    @Test
    void putsTheStateIntoOneLine() {
        TrainingProgress progress = new TrainingProgress("pretrain", 0, 3_000);
        // 31.4166 s for 120 steps leave 2880 steps of 0.2618 s.
        assertThat(progress.line(120, 1.23449, 1.9e-3, 5432.4, 31.4166))
                .isEqualTo("pretrain 120/3000  loss 1.234  rate 1.9e-3  5,432 tok/s  left 12:34");
        assertThat(progress.line(3_000, 0.5, 2e-4, 999, 700))
                .isEqualTo("pretrain 3000/3000  loss 0.500  rate 2.0e-4  999 tok/s  left 0:00");
    }

    @Test
    void tellsTheTimeLeftByTheStepsOfThisProcess() {
        TrainingProgress resumed = new TrainingProgress("chat", 900, 1_000);
        assertThat(resumed.line(910, 1, 1, 1, 100)).endsWith("left 15:00");
        assertThat(resumed.line(900, 1, 1, 1, 0)).endsWith("left ?");
    }

    @Test
    void writesHoursOnlyWhereThereAreAny() {
        assertThat(TrainingProgress.clock(0.4)).isEqualTo("0:00");
        assertThat(TrainingProgress.clock(59.5)).isEqualTo("1:00");
        assertThat(TrainingProgress.clock(3_599)).isEqualTo("59:59");
        assertThat(TrainingProgress.clock(3_600)).isEqualTo("1:00:00");
        assertThat(TrainingProgress.clock(100_000)).isEqualTo("27:46:40");
    }

    @Test
    void writesExponentsWithoutPadding() {
        assertThat(TrainingProgress.scientific(0)).isEqualTo("0.0e0");
        assertThat(TrainingProgress.scientific(9.96e-4)).isEqualTo("1.0e-3");
        assertThat(TrainingProgress.scientific(1.25e12)).isEqualTo("1.3e12");
        assertThat(TrainingProgress.scientific(Double.NaN)).isEqualTo("NaN");
    }
}
