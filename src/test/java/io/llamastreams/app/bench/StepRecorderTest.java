package io.llamastreams.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.stats.StepPhase;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepRecorderTest {
    private long nanos = 1_000;
    private final StepRecorder recorder = new StepRecorder(() -> nanos, (rows, logitRows) -> true);

    private void lap(StepPhase phase, long tookNanos, long waitedNanos) {
        nanos += tookNanos;
        recorder.lap(phase, waitedNanos);
    }

    @Test
    void givesEachPhaseWhatPassedSinceTheLapBefore() {
        recorder.start();
        recorder.beginStep();
        lap(StepPhase.SCHEDULING, 5, 0);
        lap(StepPhase.ATTENTION, 100, 30);
        lap(StepPhase.DOWN, 40, 0);
        lap(StepPhase.ATTENTION, 10, 1);
        recorder.endStep(8, 3);
        StepTimes times = recorder.times();
        assertThat(times.phases().get(StepPhase.ATTENTION)).isEqualTo(new StepTimes.Phase(79, 31));
        assertThat(times.phases().get(StepPhase.DOWN)).isEqualTo(new StepTimes.Phase(40, 0));
        assertThat(times.phases().get(StepPhase.ROPE)).isEqualTo(new StepTimes.Phase(0, 0));
        assertThat(times.nanos()).isEqualTo(155);
        assertThat(times.waitNanos()).isEqualTo(31);
        assertThat(times.steps()).isEqualTo(1);
        assertThat(times.rows()).isEqualTo(8);
        assertThat(times.logitRows()).isEqualTo(3);
    }

    @Test
    void phasesOfStepsInARowAreAllTheTimeThatPassed() {
        Random random = new Random(5);
        recorder.start();
        long began = nanos;
        for (int step = 0; step < 100; step++) {
            recorder.beginStep();
            for (StepPhase phase : StepPhase.values()) {
                int took = random.nextInt(1000);
                lap(phase, took, random.nextInt(took + 1));
            }
            recorder.endStep(1, 1);
            nanos += step < 99 ? random.nextInt(50) : 0; // what the engine does before its next step
        }
        assertThat(recorder.times().nanos()).isEqualTo(nanos - began);
    }

    @Test
    void timeWithNothingToDoBelongsToNoPhase() {
        recorder.start();
        recorder.beginStep();
        lap(StepPhase.DOWN, 7, 0);
        recorder.endStep(1, 1);
        nanos += 3;
        recorder.beginStep(); // found nothing to do
        nanos += 1_000_000;
        recorder.beginStep();
        lap(StepPhase.DOWN, 7, 0);
        recorder.endStep(1, 0);
        assertThat(recorder.times().nanos()).isEqualTo(14);
        assertThat(recorder.times().steps()).isEqualTo(2);
        assertThat(recorder.times().logitSteps()).isEqualTo(1);
    }

    @Test
    void countsWantedStepsAfterTheStartAlone() {
        StepRecorder wanted = new StepRecorder(() -> nanos, (rows, logitRows) -> rows == 4 && logitRows == 4);
        for (int[] rows : new int[][] {{4, 4}, {4, 4}, {5, 4}, {4, 3}, {4, 4}, {4, 4}}) {
            wanted.beginStep();
            nanos += 10;
            wanted.lap(StepPhase.VOCABULARY, 0);
            wanted.endStep(rows[0], rows[1]);
            if (wanted.times().steps() == 0 && nanos == 1_010) {
                wanted.start(); // after the first
            }
        }
        assertThat(wanted.times().steps()).isEqualTo(3);
        assertThat(wanted.times().rows()).isEqualTo(12);
        assertThat(wanted.times().nanos()).isEqualTo(30);
    }

    @Test
    void aFailedStepLeavesNothingBehind() {
        recorder.start();
        recorder.beginStep();
        lap(StepPhase.ROPE, 500, 0); // and here the pass throws
        recorder.beginStep();
        lap(StepPhase.DOWN, 7, 0);
        recorder.endStep(1, 1);
        assertThat(recorder.times().nanos()).isEqualTo(7);
    }
}
