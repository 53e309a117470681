package io.llamastreams.topology.service;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.registry.RegistryUnavailableException;
import io.llamastreams.testing.CapturedLog;
import java.util.Set;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailurePolicyTest {
    private long nowNanos;
    private final FailurePolicy policy = new FailurePolicy(() -> nowNanos);
    private CapturedLog log;

    @BeforeEach
    void captureLog() {
        log = new CapturedLog();
    }

    @AfterEach
    void releaseLog() {
        log.close();
    }

    @Test
    void replacesThreadsOnlySoOften() {
        for (int i = 0; i < FailurePolicy.MAX_RESTARTS; i++) {
            assertThat(policy.handle(new IllegalStateException("bug"))).isEqualTo(REPLACE_THREAD);
        }
        assertThat(log.text()).doesNotContain("this instance stops");
        assertThat(policy.handle(new IllegalStateException("bug"))).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(log.text()).contains("this instance stops");
        nowNanos += FailurePolicy.RESTART_WINDOW.toNanos();
        assertThat(policy.handle(new IllegalStateException("bug"))).isEqualTo(REPLACE_THREAD);
    }

    @Test
    void neverGivesUpOnARegistryThatIsDown() {
        var outage = new StreamsException("wrapped", new RegistryUnavailableException("down", null));
        for (int i = 0; i < 100; i++) {
            assertThat(policy.handle(outage)).isEqualTo(REPLACE_THREAD);
        }
    }

    @Test
    void leavesAtOnceWhenTheBrokersDenyIt() {
        var denial = new StreamsException("wrapped", new TopicAuthorizationException(Set.of("llama.completions")));
        assertThat(policy.handle(denial)).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(policy.reason().orElseThrow())
                .startsWith("denied by the brokers: ")
                .contains("llama.completions");
    }
}
