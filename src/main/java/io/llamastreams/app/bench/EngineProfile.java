package io.llamastreams.app.bench;

import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.engine.Admission;
import io.llamastreams.engine.Engine;
import io.llamastreams.engine.EngineLoop;
import io.llamastreams.engine.Outbox;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.request.TokenWatcher;
import io.llamastreams.model.ForwardLimits;
import io.llamastreams.model.LlamaForward;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Lets an engine serve waves of greedy requests as it does in a worker, and records where the time of its steps goes: of those
 * that compute a new token for each of the batch's sequences, or of a prompt's. Random prompts; each wave sends the same ones,
 * so that but for the first their contexts are there already. Where the model's context has no place for a new token, prompts
 * are one token shorter.
 *
 * @param pool made with this clock, so that it tells how long threads wait
 */
public record EngineProfile(LlamaModel model, Kernels kernels, WorkerPool pool, KvType kvType, LongSupplier nanoClock) {
    private static final long WARM_UP_NANOS = 1_000_000_000L;
    private static final long LEAST_NANOS = 300_000_000L;
    private static final int MAX_WAVES = 1000;

    /** Looked at now and then, so that the engine has the processors for itself in between. */
    private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

    /**
     * Profiles a point.
     *
     * @param newTokens of each sequence in a wave
     * @param runs least number of waves that count
     * @throws CommandFailure if the model's context has no place for as many tokens, or the engine fails
     */
    public StepTimes profile(Point point, int newTokens, int runs) {
        return switch (point) {
            case Point.Prefill prefill -> prefill(prefill.tokens(), runs);
            case Point.Decode decode -> decode(decode.batch(), decode.context(), newTokens, runs);
        };
    }

    private StepTimes prefill(int tokens, int runs) {
        int contextLength = model.config().contextLength();
        int promptTokens = Math.min(tokens, contextLength - 1);
        StepRecorder recorder = new StepRecorder(nanoClock, (rows, logitRows) -> true);
        return run(recorder, 1, ForwardBench.MAX_ROWS, promptTokens + 1, false, prompts(1, promptTokens), 1, runs);
    }

    private StepTimes decode(int batch, int context, int newTokens, int runs) {
        int stepTokens = Math.max(ForwardBench.MAX_ROWS, 2 * batch);
        // Steps in which some sequences still compute the end of their prompts: less than two blocks of each.
        int settling = 2 + 2 * KvLayer.BLOCK_TOKENS * batch / (stepTokens - batch);
        int contextLength = model.config().contextLength();
        int promptTokens = Math.min(context, contextLength - 1);
        int made = Math.min(newTokens + settling, contextLength - promptTokens);
        StepRecorder recorder = new StepRecorder(nanoClock, (rows, logitRows) -> rows == batch && logitRows == batch);
        List<int[]> prompts = prompts(batch, promptTokens);
        return run(recorder, batch, stepTokens, promptTokens + made, true, prompts, made, runs);
    }

    private List<int[]> prompts(int count, int tokens) {
        Random random = new Random(1);
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] prompt = new int[tokens];
            Arrays.setAll(prompt, k -> random.nextInt(model.config().vocabularySize()));
            prompts.add(prompt);
        }
        return prompts;
    }

    private StepTimes run(
            StepRecorder recorder,
            int batch,
            int stepTokens,
            int positions,
            boolean keepContexts,
            List<int[]> prompts,
            int newTokens,
            int runs) {
        int blocks = (positions + KvLayer.BLOCK_TOKENS - 1) / KvLayer.BLOCK_TOKENS + 2;
        ForwardLimits memory = new ForwardLimits(stepTokens, batch, Math.multiplyExact(batch, blocks), kvType);
        EngineLimits limits = new EngineLimits(batch, stepTokens, batch, Long.MAX_VALUE / 2);
        try (LlamaForward forward = new LlamaForward(model, kernels, pool, memory, recorder);
                EngineLoop loop = EngineLoop.start(
                        new Engine(forward, kernels, pool, limits, keepContexts, nanoClock, recorder), "llama-bench");
                Outbox outbox = loop.port().openOutbox()) {
            waves(loop, outbox, prompts, newTokens, 1, WARM_UP_NANOS);
            recorder.start();
            waves(loop, outbox, prompts, newTokens, runs, LEAST_NANOS);
        }
        StepTimes times = recorder.times();
        if (times.steps() == 0) {
            throw new CommandFailure("profile: expected a model's context with room for more new tokens, found "
                    + model.config().contextLength() + ": lower --context or --decode");
        }
        return times;
    }

    /** As many as wanted, and more until the time is over. */
    private void waves(EngineLoop loop, Outbox outbox, List<int[]> prompts, int newTokens, int least, long leastNanos) {
        long began = nanoClock.getAsLong();
        for (int i = 0; i < MAX_WAVES && (i < least || nanoClock.getAsLong() - began < leastNanos); i++) {
            for (int k = 0; k < prompts.size(); k++) {
                submit(loop, outbox, "wave " + i + " " + k, prompts.get(k), newTokens);
            }
            while (outbox.inFlight() > 0) {
                LockSupport.parkNanos(POLL_NANOS);
                outbox.drain(EngineProfile::check, Integer.MAX_VALUE);
            }
        }
    }

    private static void submit(EngineLoop loop, Outbox outbox, String id, int[] prompt, int newTokens) {
        GenerationRequest request = new GenerationRequest(
                id, prompt, SamplingParams.GREEDY, newTokens, new int[0], false, 0, TokenWatcher.NONE);
        Admission admission = loop.port().submit(request, outbox);
        if (!(admission instanceof Admission.Accepted)) {
            throw new IllegalStateException("request was not let in: " + admission);
        }
    }

    private static void check(TokenEvent event) {
        if (event instanceof TokenEvent.Failed failed) {
            throw new CommandFailure("profile: " + failed.message());
        }
    }
}
