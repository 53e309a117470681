package io.llamastreams.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VerdictTest {

    private static final FaultReport CLEAN = verdict("classic", findings(-1), List.of());

    @Test
    void isCleanIfNothingIsWrong() {
        assertThat(CLEAN.isClean()).isTrue();
        assertThat(CLEAN.problem()).isEmpty();
        IntStream.range(1, 11)
                .forEach(i -> assertThat(
                                verdict("classic", findings(i), List.of("x")).isClean())
                        .as("count %d", i)
                        .isFalse());
        assertThat(verdict("classic", findings(0), List.of()).isClean())
                .as("fewer than were sent")
                .isFalse();
    }

    @Test
    void countsBothRuns() {
        FaultReport both = CLEAN.plus(verdict("streams", findings(2), List.of("p7 again")));
        assertThat(both.toJson())
                .isEqualTo("{\"clean\":false,\"prompts\":200,\"completed\":200,\"lost\":0,\"duplicated\":1,"
                        + "\"different\":0,\"unknown\":0,\"dead_letters\":0,\"wrong_statistics\":0,\"wrong_usage\":0,"
                        + "\"wrong_batch\":0,\"left_pending\":0,\"disorderly_ends\":0,"
                        + "\"faults\":{\"worker_kill\":6,\"worker_kill_in_commit\":4,\"broker_kill\":2},"
                        + "\"all_faults\":12,\"worker_kills\":10,\"median_pending_at_fault\":20,"
                        + "\"workers_gave_up\":2,\"hanging_transactions\":0,\"protocol\":\"classic,streams\",\"seconds\":120,\"seed\":5,"
                        + "\"examples\":[\"p7 again\"]}");
        assertThat(both.problem().orElseThrow()).contains("p7 again").endsWith("NOT CLEAN");
    }

    private static FaultReport verdict(String protocol, FaultReport.Findings findings, List<String> examples) {
        Map<FaultKind, Integer> faults =
                Map.of(FaultKind.WORKER_KILL, 3, FaultKind.WORKER_KILL_IN_COMMIT, 2, FaultKind.BROKER_KILL, 1);
        return new FaultReport(protocol, 5, 60, 100, findings, faults, List.of(30, 20, 10), 1, 0, examples);
    }

    /** One wrong count: 0 is a completion too few, 1 the first of the others; -1 for none. */
    private static FaultReport.Findings findings(int wrong) {
        long[] counts = new long[11];
        counts[0] = wrong == 0 ? 99 : 100;
        if (wrong > 0) {
            counts[wrong] = 1;
        }
        return new FaultReport.Findings(
                counts[0],
                counts[1],
                counts[2],
                counts[3],
                counts[4],
                counts[5],
                counts[6],
                counts[7],
                counts[8],
                counts[9],
                counts[10]);
    }
}
