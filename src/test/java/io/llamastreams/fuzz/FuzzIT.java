package io.llamastreams.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fuzzing, for a minute each where CI is set and for some seconds elsewhere. New inputs stay in {@code target/fuzz}. */
@Timeout(600)
class FuzzIT {
    private static final int SECONDS = "true".equals(System.getenv("CI")) ? 60 : 5;

    /** Much the same inputs each time: what is new is found by longer runs. */
    private static final int SEED = 1;

    @ParameterizedTest
    @EnumSource(FuzzTarget.class)
    void findsNothing(FuzzTarget target) throws Exception {
        Path folder = Files.createDirectories(Path.of("target/fuzz"));
        FuzzRun.Result result = FuzzRun.run(target, SECONDS, SEED, folder);
        String log = Files.readString(result.log());
        assertThat(result.exitCode()).as(log).isZero();
        assertThat(log).containsPattern(Pattern.compile("INITED cov: [1-9]"));
    }
}
