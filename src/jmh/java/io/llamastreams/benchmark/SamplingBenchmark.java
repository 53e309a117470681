package io.llamastreams.benchmark;

import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenConstraint;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.engine.sampling.BatchSampler;
import io.llamastreams.engine.sampling.SampleState;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.KernelProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A token drawn from 32,000 logits, as the engine does it. Texts have a prompt of 500 tokens and end after 200. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplingBenchmark {
    private static final int VOCABULARY = 32_000;
    private static final int ROWS = 64;
    private static final int TEXT_TOKENS = 200;
    private static final int[] PROMPT =
            IntStream.range(0, 500).map(i -> i * 7919 % VOCABULARY).toArray();
    private static final int[] STOPS = {2};

    /** How a token is drawn. */
    public enum Way {
        GREEDY(SamplingParams.GREEDY),
        TEMPERATURE(new SamplingParams(0.8f, 0, 1f, 0f, 1)),
        TOP_K(new SamplingParams(0.8f, 40, 1f, 0f, 1)),
        TOP_P(new SamplingParams(0.8f, 0, 0.9f, 0f, 1)),
        MIN_P(new SamplingParams(0.8f, 0, 1f, 0.05f, 1)),
        TOP_K_AND_P(new SamplingParams(0.8f, 40, 0.9f, 0f, 1)),
        TYPICAL_P(typical(0)),
        TOP_K_AND_TYPICAL_P(typical(40)),
        LIKELIEST(SamplingParams.GREEDY, 20, 0),
        PENALTIES(ruled(new Penalties(1.1f, 0.5f, 0.5f), TokenRules.NONE)),
        LOGIT_BIAS(ruled(Penalties.NONE, new TokenRules(Map.of(1, 1f, 5, -100f), List.of(), List.of(), 0))),
        /** A constraint that forbids a hundredth of the tokens. */
        MASK_OF_MANY(SamplingParams.GREEDY, Report.NONE, 99),
        /** A constraint that allows a hundredth of the tokens. */
        MASK_OF_FEW(SamplingParams.GREEDY, Report.NONE, 1);

        private final SamplingParams params;
        private final int logprobs;
        private final int allowedPercent;

        Way(SamplingParams params) {
            this(params, Report.NONE, 0);
        }

        Way(SamplingParams params, int logprobs, int allowedPercent) {
            this.params = params;
            this.logprobs = logprobs;
            this.allowedPercent = allowedPercent;
        }

        private static SamplingParams typical(int topK) {
            return new SamplingParams(0.8f, topK, 1f, 0f, 0.9f, Penalties.NONE, TokenRules.NONE, 1);
        }

        private static SamplingParams ruled(Penalties penalties, TokenRules rules) {
            return new SamplingParams(0f, 0, 1f, 0f, 1f, penalties, rules, 1);
        }
    }

    /** Allows the same tokens each time. */
    private static final class FixedConstraint implements TokenConstraint {
        private final long[] bits = new long[VOCABULARY / Long.SIZE];

        FixedConstraint(int percent) {
            for (int id = 0; id < VOCABULARY; id++) {
                if (id * 7919L % 100 < percent) {
                    bits[id / Long.SIZE] |= 1L << id;
                }
            }
        }

        @Override
        public void mask(long[] allowed, int tokensLeft) {
            for (int i = 0; i < allowed.length; i++) {
                allowed[i] &= bits[i];
            }
        }

        @Override
        public void accept(int token) {}

        @Override
        public boolean isEnded() {
            return false;
        }
    }

    @Param
    public Way way;

    private final WorkerPool pool = new WorkerPool(1);
    private final BatchSampler sampler = new BatchSampler(KernelProvider.choose(KernelChoice.AUTO), pool, VOCABULARY);

    /** Rows of a batch, one after another. */
    private final float[] logits = RandomNumbers.normal(1, ROWS * VOCABULARY, 2);

    private Optional<TokenConstraint> constraint = Optional.empty();
    private SampleState text;
    private int position;

    @TearDown
    public void closePool() {
        pool.close();
    }

    @Benchmark
    public int draw() {
        if (position % TEXT_TOKENS == 0) {
            begin();
        }
        position++;
        sampler.clear();
        sampler.add(text, position % ROWS, position, way.logprobs);
        sampler.draw(logits);
        return sampler.token(0, 0);
    }

    private void begin() {
        if (way.allowedPercent > 0 && constraint.isEmpty()) {
            constraint = Optional.of(new FixedConstraint(way.allowedPercent));
        }
        text = new SampleState(way.params, 0, PROMPT, STOPS, constraint, TEXT_TOKENS);
    }
}
