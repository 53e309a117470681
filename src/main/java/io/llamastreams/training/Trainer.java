package io.llamastreams.training;

import io.llamastreams.tensor.kernel.TrainingKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.training.checkpoint.Checkpoint;
import io.llamastreams.training.data.BatchSource;
import io.llamastreams.training.network.LlamaGradient;
import io.llamastreams.training.network.ParameterLayout;
import io.llamastreams.training.network.TokenBatch;
import io.llamastreams.training.optimiser.AdamW;
import io.llamastreams.training.optimiser.TrainingDivergedException;
import io.llamastreams.training.report.TrainingReport;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * A training run, step by step.
 *
 * <pre>
 *   PRETRAINING --steps done--> FINE_TUNING --steps done--> SECOND_FINE_TUNING --steps done--> finished
 *
 *   step: batches -> sum of gradients -> mean per target, clipped -> AdamW at the schedule's rate
 * </pre>
 *
 * Each phase begins with moments of 0 and a schedule of its own. The weights after a step are a function of recipe and data
 * alone: threads, interruptions and reports change no bit. One thread calls.
 */
public final class Trainer {

    /** Phases in their order. */
    public enum PhaseName {
        PRETRAINING("pretraining"),
        FINE_TUNING("fine-tuning"),
        SECOND_FINE_TUNING("second fine-tuning");

        private final String text;

        PhaseName(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final List<PhaseName> ORDER = List.of(PhaseName.values());

    private static final String INDEX = "index";
    private static final String OFFSET = "offset";
    private static final String TOKENS = "tokens";
    private static final String NANOS = "nanos";

    private final Recipe recipe;
    private final String digest;
    private final Map<PhaseName, TrainingData> data;
    private final ParameterLayout layout;
    private final float[] weights;
    private final float[] gradients;
    private final LlamaGradient network;
    private final WorkerPool pool;
    private final LongSupplier nanoClock;

    private PhaseName phase = PhaseName.PRETRAINING;
    private int steps;
    private AdamW optimiser;

    /** Of this phase, interrupted runs included. */
    private long phaseTokens;

    private long phaseNanos;
    // Of this process.
    private long tokensDone;
    private double operations;
    private long busyNanos;
    private Interval interval = new Interval();

    /** Sums since the last report. */
    private static final class Interval {
        private double loss;
        private long targets;
        private long tokens;
        private long nanos;
    }

    /**
     * A run at its beginning.
     *
     * @param dataDigest tells other data apart
     * @param data of each phase that has steps
     * @throws IllegalArgumentException if a phase with steps has no data
     */
    public Trainer(
            Recipe recipe,
            String dataDigest,
            Map<PhaseName, TrainingData> data,
            TrainingKernels kernels,
            WorkerPool pool,
            LongSupplier nanoClock) {
        this.recipe = recipe;
        digest = recipe.digest(dataDigest);
        this.data = Map.copyOf(data);
        this.pool = pool;
        this.nanoClock = nanoClock;
        for (PhaseName name : PhaseName.values()) {
            if (settings(name).steps() > 0 && !data.containsKey(name)) {
                throw new IllegalArgumentException(name + ": expected data, found none");
            }
        }
        layout = new ParameterLayout(recipe.config(), recipe.tiedOutput());
        weights = InitialWeights.of(layout, recipe.seed(), recipe.initialDeviation());
        gradients = new float[weights.length];
        int rows = Arrays.stream(PhaseName.values())
                .mapToInt(name -> settings(name).rows())
                .max()
                .orElseThrow();
        int maxTokens = Math.multiplyExact(rows, recipe.config().contextLength());
        network = new LlamaGradient(layout, weights, maxTokens, kernels, pool);
        optimiser = newOptimiser();
        leaveFinishedPhases();
    }

    private AdamW newOptimiser() {
        return new AdamW(layout.tensors(), weights, recipe.optimiser(), pool);
    }

    private Phase settings(PhaseName name) {
        return switch (name) {
            case PRETRAINING -> recipe.pretraining();
            case FINE_TUNING -> recipe.fineTuning();
            case SECOND_FINE_TUNING -> recipe.secondFineTuning();
        };
    }

    private void leaveFinishedPhases() {
        while (steps >= settings(phase).steps() && phase != ORDER.getLast()) {
            phase = ORDER.get(ORDER.indexOf(phase) + 1);
            steps = 0;
            phaseTokens = 0;
            phaseNanos = 0;
            interval = new Interval();
            optimiser = newOptimiser();
        }
    }

    /** Of recipe and data: what a checkpoint must be of to be restored. */
    public String digest() {
        return digest;
    }

    /** The phase of the next step, or the last one. */
    public PhaseName phase() {
        return phase;
    }

    /** Steps done in this phase. */
    public int steps() {
        return steps;
    }

    /** Steps of this phase in all. */
    public int phaseSteps() {
        return settings(phase).steps();
    }

    public boolean isFinished() {
        return steps >= settings(phase).steps();
    }

    public ParameterLayout layout() {
        return layout;
    }

    /** The weights as they are, not a copy. */
    public float[] weights() {
        return weights;
    }

    /** Tokens per second of this process's steps, held-out measurements left out; 0 before the first. */
    public double tokensPerSecond() {
        return busyNanos == 0 ? 0 : tokensDone / (busyNanos / 1e9);
    }

    /** Operations per second of this process's steps, held-out measurements left out; 0 before the first. */
    public double operationsPerSecond() {
        return busyNanos == 0 ? 0 : operations / (busyNanos / 1e9);
    }

    /**
     * Does one step.
     *
     * @return numbers to report, after every {@code reportSteps} steps and after the last
     * @throws TrainingDivergedException if the loss or a gradient is no number any more; the weights are as before
     * @throws IllegalStateException if the run is finished
     */
    public Optional<TrainingReport> step() {
        if (isFinished()) {
            throw new IllegalStateException("training: the run is finished");
        }
        long began = nanoClock.getAsLong();
        Phase settings = settings(phase);
        Arrays.fill(gradients, 0f);
        double loss = 0;
        long targets = 0;
        long tokens = 0;
        for (int i = 0; i < settings.accumulation(); i++) {
            TokenBatch batch = data.get(phase).batches().next();
            loss += network.addGradient(batch, gradients);
            targets += batch.targetCount();
            tokens += batch.tokens().length;
            operations += network.operations(batch);
        }
        if (!Double.isFinite(loss)) {
            throw new TrainingDivergedException(steps + 1, "loss", loss);
        }
        float rate = settings.schedule().rate(steps + 1);
        float norm = optimiser.step(gradients, 1f / targets, rate);
        network.weightsChanged();
        steps++;

        long nanos = nanoClock.getAsLong() - began;
        busyNanos += nanos;
        phaseNanos += nanos;
        phaseTokens += tokens;
        tokensDone += tokens;
        interval.loss += loss;
        interval.targets += targets;
        interval.tokens += tokens;
        interval.nanos += nanos;
        boolean due = steps % recipe.reportSteps() == 0 || steps % recipe.evaluationSteps() == 0 || isFinished();
        Optional<TrainingReport> report = due ? Optional.of(report(rate, norm)) : Optional.empty();
        leaveFinishedPhases();
        return report;
    }

    private TrainingReport report(float rate, float norm) {
        boolean measured = steps % recipe.evaluationSteps() == 0 || isFinished();
        TrainingReport report = new TrainingReport(
                phase.toString(),
                steps,
                phaseTokens,
                interval.loss / interval.targets,
                rate,
                norm,
                interval.tokens / Math.max(1e-9, interval.nanos / 1e9),
                phaseNanos / 1e9,
                measured ? heldOutLoss() : OptionalDouble.empty());
        interval = new Interval();
        return report;
    }

    private OptionalDouble heldOutLoss() {
        List<TokenBatch> batches = data.get(phase).heldOut();
        if (batches.isEmpty()) {
            return OptionalDouble.empty();
        }
        double loss = 0;
        long targets = 0;
        for (TokenBatch batch : batches) {
            loss += network.loss(batch);
            targets += batch.targetCount();
        }
        return OptionalDouble.of(loss / targets);
    }

    /** The state of the run, as copies. */
    public Checkpoint checkpoint() {
        BatchSource.Position position = isFinished()
                ? BatchSource.Position.START
                : data.get(phase).batches().position();
        return new Checkpoint(
                digest,
                phase.toString(),
                steps,
                optimiser.stepsDone(),
                weights.clone(),
                optimiser.firstMoments().clone(),
                optimiser.secondMoments().clone(),
                Map.of(
                        INDEX, Long.toString(position.index()),
                        OFFSET, Integer.toString(position.offset()),
                        TOKENS, Long.toString(phaseTokens),
                        NANOS, Long.toString(phaseNanos)));
    }

    /**
     * Goes on where another run of the same recipe and data stopped.
     *
     * @throws IllegalArgumentException if the checkpoint is not of this recipe
     */
    public void restore(Checkpoint checkpoint) {
        if (!checkpoint.recipeDigest().equals(digest) || checkpoint.weights().length != weights.length) {
            throw new IllegalArgumentException(
                    "checkpoint: expected one of recipe " + digest + ", found " + checkpoint.recipeDigest());
        }
        phase = Arrays.stream(PhaseName.values())
                .filter(name -> name.toString().equals(checkpoint.phase()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("checkpoint: expected a phase of "
                        + Arrays.toString(PhaseName.values()) + ", found " + checkpoint.phase()));
        steps = checkpoint.phaseSteps();
        System.arraycopy(checkpoint.weights(), 0, weights, 0, weights.length);
        optimiser.restore(checkpoint.firstMoments(), checkpoint.secondMoments(), checkpoint.optimiserSteps());
        network.weightsChanged();
        phaseTokens = number(checkpoint, TOKENS);
        phaseNanos = number(checkpoint, NANOS);
        interval = new Interval();
        if (!isFinished()) {
            data.get(phase)
                    .batches()
                    .seek(new BatchSource.Position(
                            number(checkpoint, INDEX), Math.toIntExact(number(checkpoint, OFFSET))));
        }
        leaveFinishedPhases();
    }

    private static long number(Checkpoint checkpoint, String key) {
        String text = checkpoint.state().get(key);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("checkpoint: " + key + ": expected a number, found " + text, e);
        }
    }

    /** Names of the phases before this one. */
    public List<String> earlierPhases() {
        return ORDER.subList(0, ORDER.indexOf(phase)).stream()
                .map(PhaseName::toString)
                .toList();
    }
}
