package io.llamastreams.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.stats.StepPhase;
import io.llamastreams.stats.StepProfile;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an engine tells of its steps. */
class EngineProfileTest {
    private final List<String> heard = new ArrayList<>();

    private final StepProfile profile = new StepProfile() {
        @Override
        public void beginStep() {
            heard.add("begin");
        }

        @Override
        public void lap(StepPhase phase, long waitedNanos) {
            heard.add(phase + (waitedNanos == 0 ? "" : " " + waitedNanos));
        }

        @Override
        public void endStep(int rows, int logitRows) {
            heard.add("end " + rows + " " + logitRows);
        }
    };

    @Test
    void hearsOfPlansDrawsAndEndsOfSteps() {
        FakeForwardPass forward =
                new FakeForwardPass(50, 64, 4, 40, 16, 8).beforeForward(rows -> heard.add("forward " + rows));
        Engine engine = new Engine(
                forward,
                new ScalarKernels(),
                new WorkerPool(1),
                new EngineLimits(4, 16, 100, 10_000),
                false,
                () -> 0,
                profile);
        EnginePort port = new EnginePort(engine, () -> {});
        Outbox outbox = port.openOutbox();
        port.submit(EngineHarness.greedy("a", 2, 1, 2, 3), outbox);
        port.submit(EngineHarness.greedy("b", 1, 4), outbox);
        for (EnginePort.Command command = port.poll(); command != null; command = port.poll()) {
            if (command instanceof EnginePort.Command.Submit submit) {
                submit.requests().forEach(request -> engine.add(request, submit.outbox(), submit.submittedNanos()));
            }
        }
        assertThat(engine.step()).isTrue();
        assertThat(heard).containsExactly("begin", "SCHEDULING", "forward 4", "SAMPLING", "SCHEDULING", "end 4 2");
        heard.clear();
        assertThat(engine.step()).isTrue();
        assertThat(heard).containsExactly("begin", "SCHEDULING", "forward 1", "SAMPLING", "SCHEDULING", "end 1 1");
        heard.clear();
        assertThat(engine.step()).isFalse();
        assertThat(heard).containsExactly("begin");
    }
}
