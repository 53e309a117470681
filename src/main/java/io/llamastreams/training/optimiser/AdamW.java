package io.llamastreams.training.optimiser;

import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2) and clipping by the norm of the whole
 * gradient (Pascanu et al. 2013).
 *
 * <p>Writes to the weights that it was made over; owns the moments. Training thread only. Work is cut into fixed chunks and
 * the sums of chunks are added in their order, so the number of threads changes no bit. Steady state allocates a few
 * small objects per step.
 */
public final class AdamW {

    /** Numbers per item of work: four arrays of 64 KB, which fit the second cache. */
    private static final int CHUNK_SIZE = 16_384;

    private final AdamWSettings settings;
    private final WorkerPool pool;
    private final List<Chunk> chunks;
    private final double[] chunkSums;
    private final float[] weights;
    private final float[] firstMoments;
    private final float[] secondMoments;
    private int stepsDone;

    /** Part of one tensor: numbers {@code from} to {@code to}, exclusive. */
    private record Chunk(ParameterTensor tensor, int from, int to) {}

    /** What is the same for all numbers of a step. */
    private record Factors(float gradient, float rate, float rateOverCorrection1, float inverseRootCorrection2) {}

    /**
     * Begins at step 0 with moments of 0.
     *
     * @param tensors in the order of their offsets, covering {@code weights} without gaps
     * @throws IllegalArgumentException if they do not
     */
    public AdamW(List<ParameterTensor> tensors, float[] weights, AdamWSettings settings, WorkerPool pool) {
        this.settings = settings;
        this.pool = pool;
        this.weights = weights;
        chunks = chunks(tensors, weights.length);
        chunkSums = new double[chunks.size()];
        firstMoments = new float[weights.length];
        secondMoments = new float[weights.length];
    }

    private static List<Chunk> chunks(List<ParameterTensor> tensors, int weightCount) {
        List<Chunk> chunks = new ArrayList<>();
        int end = 0;
        for (ParameterTensor tensor : tensors) {
            if (tensor.offset() != end) {
                throw new IllegalArgumentException(
                        "tensor " + tensor.name() + ": expected offset " + end + ", found " + tensor.offset());
            }
            end = tensor.end();
            for (int from = tensor.offset(); from < end; from += Math.min(CHUNK_SIZE, end - from)) {
                chunks.add(new Chunk(tensor, from, from + Math.min(CHUNK_SIZE, end - from)));
            }
        }
        if (end != weightCount) {
            throw new IllegalArgumentException("weights: expected " + end + " by the tensors, found " + weightCount);
        }
        return chunks;
    }

    /**
     * Goes on where another run stopped. Copies both arrays.
     *
     * @param newStepsDone steps that led to these moments
     * @throws IllegalArgumentException if an array is not as long as the weights
     */
    public void restore(float[] newFirstMoments, float[] newSecondMoments, int newStepsDone) {
        checkLength("first moments", newFirstMoments);
        checkLength("second moments", newSecondMoments);
        if (newStepsDone < 0) {
            throw new IllegalArgumentException("steps done: expected at least 0, found " + newStepsDone);
        }
        System.arraycopy(newFirstMoments, 0, firstMoments, 0, weights.length);
        System.arraycopy(newSecondMoments, 0, secondMoments, 0, weights.length);
        stepsDone = newStepsDone;
    }

    /**
     * Moves the weights by one step. Keeps {@code gradients}.
     *
     * @param gradients as long as the weights, summed over all target tokens of the step
     * @param gradientScale what gradients are multiplied with first: 1 / number of target tokens
     * @param rate of this step, from the schedule
     * @return the norm of the scaled gradient before clipping
     * @throws TrainingDivergedException if that norm is not finite; nothing has changed then
     */
    public float step(float[] gradients, float gradientScale, float rate) {
        checkLength("gradients", gradients);
        checkFactor("gradient scale", gradientScale);
        checkFactor("rate", rate);
        int step = Math.incrementExact(stepsDone);
        double norm = norm(gradients, step) * gradientScale;
        double clip = norm > settings.maxGradientNorm() ? settings.maxGradientNorm() / norm : 1;
        // The powers come from the step alone, so that a restored run has the same ones.
        double correction1 = 1 - StrictMath.pow(settings.beta1(), step);
        double correction2 = 1 - StrictMath.pow(settings.beta2(), step);
        Factors factors = new Factors((float) (gradientScale * clip), rate, (float) (rate / correction1), (float)
                (1 / Math.sqrt(correction2)));
        pool.run(
                (thread, from, to) -> {
                    for (int i = from; i < to; i++) {
                        update(chunks.get(i), gradients, factors);
                    }
                },
                chunks.size());
        stepsDone = step;
        return (float) norm;
    }

    private double norm(float[] gradients, int step) {
        pool.run(
                (thread, from, to) -> {
                    for (int i = from; i < to; i++) {
                        chunkSums[i] = sumOfSquares(
                                gradients, chunks.get(i).from(), chunks.get(i).to());
                    }
                },
                chunks.size());
        double sum = 0;
        for (int i = 0; i < chunkSums.length; i++) {
            // The square of a float is far from the largest double: a sum is finite unless a gradient is not.
            if (!Double.isFinite(chunkSums[i])) {
                throw new TrainingDivergedException(step, chunks.get(i).tensor(), Math.sqrt(chunkSums[i]));
            }
            sum += chunkSums[i];
        }
        return Math.sqrt(sum);
    }

    /** Four running sums, because each addition waits for the one before it. */
    private static double sumOfSquares(float[] x, int from, int to) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = from;
        for (; i < to - 3; i += 4) {
            sum0 += (double) x[i] * x[i];
            sum1 += (double) x[i + 1] * x[i + 1];
            sum2 += (double) x[i + 2] * x[i + 2];
            sum3 += (double) x[i + 3] * x[i + 3];
        }
        for (; i < to; i++) {
            sum0 += (double) x[i] * x[i];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    private void update(Chunk chunk, float[] gradients, Factors factors) {
        float decay = chunk.tensor().decayed() ? settings.weightDecay() : 0;
        update(
                weights,
                gradients,
                firstMoments,
                secondMoments,
                chunk.from(),
                chunk.to(),
                factors,
                settings,
                1 - factors.rate() * decay);
    }

    /** One plain loop over locals, which the compiler turns into vector instructions. */
    private static void update(
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            int from,
            int to,
            Factors factors,
            AdamWSettings settings,
            float keep) {
        float gradientFactor = factors.gradient();
        float beta1 = settings.beta1();
        float beta2 = settings.beta2();
        float rest1 = 1 - beta1;
        float rest2 = 1 - beta2;
        float epsilon = settings.epsilon();
        float stepSize = factors.rateOverCorrection1();
        float inverseRoot = factors.inverseRootCorrection2();
        for (int i = from; i < to; i++) {
            float gi = g[i] * gradientFactor;
            float mi = beta1 * m[i] + rest1 * gi;
            float vi = beta2 * v[i] + rest2 * gi * gi;
            m[i] = mi;
            v[i] = vi;
            w[i] = w[i] * keep - stepSize * mi / ((float) Math.sqrt(vi) * inverseRoot + epsilon);
        }
    }

    /** The first moments themselves, for a checkpoint: to be read only, and between steps. */
    public float[] firstMoments() {
        return firstMoments;
    }

    /** The second moments themselves, for a checkpoint: to be read only, and between steps. */
    public float[] secondMoments() {
        return secondMoments;
    }

    /** Steps since the beginning, those of the restored run among them. */
    public int stepsDone() {
        return stepsDone;
    }

    private void checkLength(String thing, float[] array) {
        if (array.length != weights.length) {
            throw new IllegalArgumentException(
                    thing + ": expected as many as weights, " + weights.length + ", found " + array.length);
        }
    }

    private static void checkFactor(String thing, float factor) {
        if (!(factor >= 0) || !Float.isFinite(factor)) {
            throw new IllegalArgumentException(thing + ": expected a finite number from 0, found " + factor);
        }
    }
}
