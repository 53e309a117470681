package io.llamastreams.engine;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.RequestStatistics;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.request.TokenWatcher;
import io.llamastreams.tensor.kernel.ScalarKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Drives an {@link Engine} by hand on the test's thread, with a clock that ticks once for each look at it. */
final class EngineHarness {
    static final EngineLimits LIMITS = new EngineLimits(32, 64, 10_000, 1_000_000_000L);

    final Engine engine;
    final EnginePort port;
    final Outbox outbox;
    final Map<String, Text> texts = new LinkedHashMap<>();
    long nanos;

    /** What came out for one request. */
    static final class Text {
        final List<Integer> ids = new ArrayList<>();
        final List<Integer> logprobBits = new ArrayList<>();
        final Map<Integer, List<Integer>> samples = new TreeMap<>();
        final List<Integer> promptLogprobBits = new ArrayList<>();
        float[] embedding;
        FinishReason reason;
        List<FinishReason> reasons;
        RequestStatistics statistics;
        String error;

        boolean ended() {
            return reason != null || error != null;
        }

        @Override
        public String toString() {
            return samples + " " + logprobBits + " " + promptLogprobBits + " " + Arrays.toString(embedding) + " "
                    + reasons + " " + error;
        }
    }

    EngineHarness(FakeForwardPass forward, EngineLimits limits, boolean prefixCache) {
        engine = new Engine(forward, new ScalarKernels(), limits, prefixCache, () -> nanos++);
        port = new EnginePort(engine, () -> {});
        outbox = port.openOutbox();
    }

    static GenerationRequest greedy(String id, int maxNewTokens, int... prompt) {
        return request(id, maxNewTokens, SamplingParams.GREEDY, prompt);
    }

    static GenerationRequest request(String id, int maxNewTokens, SamplingParams sampling, int... prompt) {
        return new GenerationRequest(id, prompt, sampling, maxNewTokens, new int[0], true, 0, TokenWatcher.NONE);
    }

    Admission submit(GenerationRequest request) {
        return port.submit(request, outbox);
    }

    void submitAll(List<GenerationRequest> requests) {
        for (GenerationRequest request : requests) {
            Admission admission = submit(request);
            if (!(admission instanceof Admission.Accepted)) {
                throw new AssertionError(request.id() + ": " + admission);
            }
        }
    }

    /** Takes the inbox in and does one step, as the loop would; checks blocks and sequences after each action. */
    boolean step() {
        for (EnginePort.Command command = port.poll(); command != null; command = port.poll()) {
            switch (command) {
                case EnginePort.Command.Submit submit ->
                    submit.requests().forEach(request -> engine.add(request, submit.outbox(), submit.submittedNanos()));
                case EnginePort.Command.Cancel cancel -> engine.cancel(cancel.outbox(), cancel.id());
                case EnginePort.Command.CancelAll cancel -> engine.cancelAll(cancel.outbox());
            }
            engine.checkIntegrity();
        }
        boolean worked = engine.step();
        engine.wakeOwners();
        engine.checkIntegrity();
        return worked;
    }

    void drain() {
        outbox.drain(this::take, Integer.MAX_VALUE);
    }

    /** Steps until nothing is left to do. */
    Map<String, Text> run() {
        int steps = 0;
        while (step()) {
            if (++steps > 1_000_000) {
                throw new AssertionError("no end after a million steps: " + engine.status());
            }
        }
        drain();
        return texts;
    }

    Text text(String id) {
        return texts.computeIfAbsent(id, key -> new Text());
    }

    private void take(TokenEvent event) {
        Text text = text(event.requestId());
        if (text.ended()) {
            throw new AssertionError("event after the end: " + event);
        }
        switch (event) {
            case TokenEvent.Token token -> {
                if (token.sample() == 0) {
                    text.ids.add(token.token());
                    text.logprobBits.add(Float.floatToRawIntBits(token.logprob()));
                }
                text.samples
                        .computeIfAbsent(token.sample(), sample -> new ArrayList<>())
                        .add(token.token());
            }
            case TokenEvent.PromptScored scored -> {
                for (float logprob : scored.logprobs()) {
                    text.promptLogprobBits.add(Float.floatToRawIntBits(logprob));
                }
            }
            case TokenEvent.Embedded embedded -> text.embedding = embedded.values();
            case TokenEvent.Finished finished -> {
                text.reason = finished.reason();
                text.reasons = finished.reasons();
                text.statistics = finished.statistics();
            }
            case TokenEvent.Failed failed -> text.error = failed.message();
        }
    }
}
