package io.llamastreams.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.model.load.TinyModel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The harness for some minutes; {@link RunFaults} runs it for longer. */
@Timeout(1800)
class FaultsIT {

    /** Another one with {@code -Dfaults.seed=}. */
    private static final long SEED = Long.getLong("faults.seed", 1);

    private static final int FAULTS = 24;
    private static final Duration PACE = Duration.ofSeconds(4);
    private static final int PROMPTS = 1500;

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void everyPromptIsAnsweredOnceAndAlikeWhateverFails(String protocol) throws InterruptedException {
        Path model = TinyModel.f32();
        FaultReport verdict = FaultRun.run(new FaultRun.Options(
                protocol,
                SEED,
                FAULTS,
                PACE,
                PROMPTS,
                model,
                Path.of("target", "faults", "it-" + protocol),
                line -> {}));
        System.out.println(verdict.toTable());
        System.out.println(verdict.toJson());

        assertThat(verdict.problem()).isEmpty();
        assertThat(verdict.workerKills()).isGreaterThanOrEqualTo(10);
        assertThat(verdict.count(FaultKind.BROKER_RESTART)).isPositive();
        assertThat(verdict.count(FaultKind.BROKER_KILL)).isPositive();
        assertThat(verdict.count(FaultKind.REGISTRY_DOWN)).isPositive();
        assertThat(verdict.count(FaultKind.CLOCK_JUMP)).isPositive();
        if ("true".equals(System.getenv("CI"))) {
            assertThat(verdict.count(FaultKind.DISK_FULL))
                    .as("small disks can be mounted")
                    .isPositive();
        }
        assertThat(verdict.medianPending()).as("under load").isPositive();
    }
}
