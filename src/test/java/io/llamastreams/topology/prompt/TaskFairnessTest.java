package io.llamastreams.topology.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskFairnessTest {
    private final TaskFairness fairness = new TaskFairness();

    @Test
    void aTaskAloneMayHaveEverything() {
        TaskFairness.Quota alone = fairness.open();
        alone.report(1000, true);
        assertThat(alone.allows(1000)).isTrue();
        fairness.open().report(5, false);
        assertThat(alone.allows(1000)).isTrue();
    }

    @Test
    void aTaskAboveTheAverageWaitsForOthersInLine() {
        TaskFairness.Quota first = fairness.open();
        TaskFairness.Quota second = fairness.open();
        first.report(10, true);
        second.report(0, true);
        assertThat(first.allows(10)).isFalse();
        assertThat(second.allows(0)).isTrue();
        first.report(5, true);
        second.report(5, true);
        assertThat(first.allows(5)).isTrue();
        assertThat(second.allows(5)).isTrue();
        second.close();
        assertThat(first.allows(500)).isTrue();
    }

    @Test
    void somebodyMayAlwaysGoOn() {
        Random random = new Random(7);
        for (int round = 0; round < 1000; round++) {
            TaskFairness all = new TaskFairness();
            int tasks = 1 + random.nextInt(8);
            int[] running =
                    IntStream.range(0, tasks).map(i -> random.nextInt(20)).toArray();
            TaskFairness.Quota[] quotas = new TaskFairness.Quota[tasks];
            for (int i = 0; i < tasks; i++) {
                quotas[i] = all.open();
                quotas[i].report(running[i], true);
            }
            assertThat(IntStream.range(0, tasks).anyMatch(i -> quotas[i].allows(running[i])))
                    .as("seed 7, round %d", round)
                    .isTrue();
        }
    }

    @Test
    void twoTasksOnOneEngineTakeTurns() {
        // room for four: the first task has filled it before the second comes, and each end leaves room for one
        TaskFairness.Quota first = fairness.open();
        TaskFairness.Quota second = fairness.open();
        int firstRunning = 4;
        int secondRunning = 0;
        first.report(firstRunning, true);
        second.report(secondRunning, true);
        for (int end = 0; end < 2; end++) {
            firstRunning--;
            first.report(firstRunning, true);
            assertThat(first.allows(firstRunning)).isEqualTo(firstRunning <= (firstRunning + secondRunning) / 2);
            if (second.allows(secondRunning)) {
                secondRunning++;
                second.report(secondRunning, true);
            }
        }
        assertThat(firstRunning).isEqualTo(2);
        assertThat(secondRunning).isEqualTo(2);
    }
}
