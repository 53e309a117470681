package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.Report;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.kernel.WorkerPool.Work;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the next tokens of the texts of a step, several texts at a time on the threads of a pool. A text's tokens depend on
 * its logits and state alone.
 *
 * <p>A text may have several rows, for the tokens of a draft: each row is drawn from while the tokens before were the
 * draft's, so that the tokens are those that a row a step would have given.
 *
 * <p>Filled anew for each step: {@link #clear}, an {@code add} for each text and each scored token, {@link #draw}, then the
 * results by the index that {@code add} gave. Engine thread only.
 */
public final class BatchSampler {
    /** Logits below which sharing the rows costs more than it saves. */
    private static final int WORTH_SHARING = 1 << 15;

    private static final int[] NO_DRAFT = {};

    private final Kernels kernels;
    private final WorkerPool pool;
    private final int vocabularySize;
    private final Work drawEntries = this::drawEntries;

    // by thread, made by it when it gets its first entry
    private final Sampler[] samplers;

    private final List<Entry> entries = new ArrayList<>();
    private int count;
    private int rows;
    private float[] logits;

    /** A text to draw for, or a known token to score where there is no state. Reused from step to step. */
    private static final class Entry {
        private SampleState state; // null for a known token that is scored
        private int firstRow;
        private int[] draft = NO_DRAFT;
        private int draftCount;
        private int position;
        private int likeliestCount;
        private int[] tokens = new int[1];
        private float[] logprobs = new float[1];
        private Likeliest[] likeliest = new Likeliest[1];
        private int drawn;

        void ensureCapacity(int wanted) {
            if (tokens.length < wanted) {
                tokens = new int[wanted];
                logprobs = new float[wanted];
                likeliest = new Likeliest[wanted];
            }
        }
    }

    /**
     * A sampler without entries.
     *
     * @param pool used while {@link #draw} runs
     */
    public BatchSampler(Kernels kernels, WorkerPool pool, int vocabularySize) {
        this.kernels = kernels;
        this.pool = pool;
        this.vocabularySize = vocabularySize;
        samplers = new Sampler[pool.threads()];
    }

    public void clear() {
        for (int i = 0; i < count; i++) {
            entries.get(i).state = null;
            entries.get(i).draft = NO_DRAFT;
        }
        count = 0;
        rows = 0;
    }

    /**
     * Adds a text to draw for.
     *
     * @param state of the text; takes the tokens that are drawn
     * @param row of its logits; those of the tokens of a draft follow it
     * @param position of the token that is drawn, counted from the start of the prompt
     * @param draft tokens guessed to come, the first {@code draftCount} of them; not copied
     * @param logprobs {@link Report#NONE}, or how many likeliest tokens are told beside the drawn one's logprob
     * @return its index
     */
    public int add(SampleState state, int row, int position, int[] draft, int draftCount, int logprobs) {
        Entry entry = next();
        entry.state = state;
        entry.firstRow = row;
        entry.position = position;
        entry.draft = draft;
        entry.draftCount = draftCount;
        entry.likeliestCount = logprobs;
        entry.ensureCapacity(draftCount + 1);
        rows += draftCount + 1;
        return count - 1;
    }

    /** As the longer form, without a draft. */
    public int add(SampleState state, int row, int position, int logprobs) {
        return add(state, row, position, NO_DRAFT, 0, logprobs);
    }

    /**
     * Adds a known token whose log-probability is wanted.
     *
     * @param row of the logits before it
     * @param likeliest how many likeliest tokens are told beside it
     * @return its index
     */
    public int addScored(int token, int row, int likeliest) {
        Entry entry = next();
        entry.firstRow = row;
        entry.likeliestCount = likeliest;
        entry.tokens[0] = token;
        rows++;
        return count - 1;
    }

    /** Draws and scores; {@code rowLogits} are [rows, vocabularySize] and stay as they are. */
    public void draw(float[] rowLogits) {
        logits = rowLogits;
        if ((long) rows * vocabularySize < WORTH_SHARING) {
            pool.runAlone(drawEntries, count);
        } else {
            pool.run(drawEntries, count);
        }
        logits = null;
    }

    /** How many tokens were drawn, at least 1. */
    public int drawn(int index) {
        return entries.get(index).drawn;
    }

    /** The n-th token that was drawn, or {@link Sampler#NOT_NUMBERS}. */
    public int token(int index, int n) {
        return entries.get(index).tokens[n];
    }

    /** Natural logarithm of the token's probability at temperature 1, without cuts; NaN if not wanted or not to be had. */
    public float logprob(int index, int n) {
        return entries.get(index).logprobs[n];
    }

    /** The likeliest tokens at the place of the n-th token. */
    public Likeliest likeliest(int index, int n) {
        return entries.get(index).likeliest[n];
    }

    private Entry next() {
        if (count == entries.size()) {
            entries.add(new Entry());
        }
        return entries.get(count++);
    }

    private void drawEntries(int thread, int from, int to) {
        Sampler sampler = samplers[thread];
        if (sampler == null) {
            sampler = new Sampler(kernels, vocabularySize);
            samplers[thread] = sampler;
        }
        for (int i = from; i < to; i++) {
            Entry entry = entries.get(i);
            if (entry.state != null) {
                drawText(sampler, entry, entry.state);
            } else {
                tell(entry, 0);
            }
        }
    }

    private void drawText(Sampler sampler, Entry entry, SampleState state) {
        entry.drawn = 0;
        boolean goesOn = true;
        while (goesOn) {
            int n = entry.drawn++;
            long random = Philox.bits(state.params().seed(), state.sample(), entry.position + n);
            int token = sampler.draw(logits, (entry.firstRow + n) * vocabularySize, state.params(), random);
            entry.tokens[n] = token;
            if (token == Sampler.NOT_NUMBERS) {
                entry.logprobs[n] = Float.NaN;
                entry.likeliest[n] = Likeliest.NONE;
                return;
            }
            tell(entry, n);
            state.accept(token);
            goesOn = n < entry.draftCount && token == entry.draft[n] && !state.isEnded();
        }
    }

    private void tell(Entry entry, int n) {
        int offset = (entry.firstRow + n) * vocabularySize;
        entry.likeliest[n] = Likeliest.NONE;
        entry.logprobs[n] = entry.likeliestCount == Report.NONE
                ? Float.NaN
                : logits[offset + entry.tokens[n]] - kernels.logSumExp(logits, offset, vocabularySize);
    }
}
