package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.Report;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.kernel.WorkerPool.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Draws the next tokens of the texts of a step, several texts at a time on the threads of a pool. A text's tokens depend on
 * its logits and state alone.
 *
 * <p>A text may have several rows, for the tokens of a draft: each row is drawn from while the tokens before were the
 * draft's, so that the tokens are those that a row a step would have given.
 *
 * <p>A text for which no token can be drawn fails alone: what its constraint throws is caught here.
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
    private final TextSampler[] samplers;

    private final List<Entry> entries = new ArrayList<>();
    private int count;
    private int rows;
    private float[] logits;

    /** A text to draw for, or a known token to score where there is no state. Reused from step to step. */
    private static final class Entry {
        private SampleState state; // null for a known token
        private int firstRow;
        private int[] draft = NO_DRAFT;
        private int draftCount;
        private int position;
        private int likeliestCount;
        private int[] tokens = new int[1];
        private float[] logprobs = new float[1];
        private Likeliest[] likeliest = new Likeliest[1];
        private int drawn;
        private Optional<String> failure = Optional.empty();

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
        samplers = new TextSampler[pool.threads()];
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
     * @param draft tokens guessed to come, the first {@code draftCount} of them, fewer than the text may still get; not copied
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

    /**
     * How many tokens were drawn: at least 1, unless the text {@link #failure failed}. A stop token is the last.
     */
    public int drawn(int index) {
        return entries.get(index).drawn;
    }

    /** The n-th token that was drawn, or {@link Sampler#NOT_NUMBERS}. */
    public int token(int index, int n) {
        return entries.get(index).tokens[n];
    }

    /** Natural logarithm of the token's probability at temperature 1, without rules and cuts; NaN if not wanted or not to be had. */
    public float logprob(int index, int n) {
        return entries.get(index).logprobs[n];
    }

    /** The likeliest tokens at the place of the n-th token, without rules and cuts; none if not wanted or not to be had. */
    public Likeliest likeliest(int index, int n) {
        return entries.get(index).likeliest[n];
    }

    /**
     * Why no token could be drawn after the {@link #drawn drawn} ones, or the known token not be scored: its constraint threw, its
     * rules left nothing, or the logits for a known token are not numbers. The state of such a text is not to be used any more.
     */
    public Optional<String> failure(int index) {
        return entries.get(index).failure;
    }

    private Entry next() {
        if (count == entries.size()) {
            entries.add(new Entry());
        }
        return entries.get(count++);
    }

    private void drawEntries(int thread, int from, int to) {
        TextSampler sampler = samplers[thread];
        if (sampler == null) {
            sampler = new TextSampler(kernels, vocabularySize);
            samplers[thread] = sampler;
        }
        for (int i = from; i < to; i++) {
            Entry entry = entries.get(i);
            entry.failure = Optional.empty();
            if (entry.state == null) {
                score(sampler, entry);
            } else {
                drawText(sampler, entry);
            }
        }
    }

    private void score(TextSampler sampler, Entry entry) {
        entry.drawn = 0;
        tell(sampler, entry, 0);
        if (Float.isNaN(entry.logprobs[0])) {
            entry.failure = Optional.of("the model's logits for a token of the prompt are not numbers");
        }
    }

    private void drawText(TextSampler sampler, Entry entry) {
        entry.drawn = 0;
        try {
            boolean goesOn = true;
            for (int n = 0; n <= entry.draftCount && goesOn; n++) {
                goesOn = drawNext(sampler, entry, n);
            }
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // a constraint is not the engine's, and may well be recursive: whatever it does is the end of its text
            // alone
            entry.failure = Optional.of("no token could be drawn: " + e);
        }
    }

    /** Draws the n-th token of an entry; returns whether the row after it is that of the text. */
    private boolean drawNext(TextSampler sampler, Entry entry, int n) {
        SampleState state = entry.state;
        long random = Philox.bits(state.params().seed(), state.sample(), entry.position + n);
        int token = sampler.draw(logits, offset(entry, n), state, random);
        if (token == TextSampler.NOTHING_ALLOWED) {
            entry.failure = Optional.of("no token is left under " + state.bans());
            return false;
        }
        if (token == TextSampler.RULES_NOT_NUMBERS) {
            entry.failure = Optional.of("logits are not finite under " + state.bans());
            return false;
        }
        entry.tokens[n] = token;
        if (token == Sampler.NOT_NUMBERS) {
            entry.logprobs[n] = Float.NaN;
            entry.likeliest[n] = Likeliest.NONE;
            entry.drawn++;
            return false;
        }
        tell(sampler, entry, n);
        state.accept(token);
        entry.drawn++;
        return n < entry.draftCount
                && token == entry.draft[n]
                && !state.isStopToken(token)
                && state.tokensLeft() > 0
                && !state.isEnded();
    }

    private void tell(TextSampler sampler, Entry entry, int n) {
        entry.logprobs[n] = Float.NaN;
        entry.likeliest[n] = Likeliest.NONE;
        if (entry.likeliestCount == Report.NONE) {
            return;
        }
        int offset = offset(entry, n);
        float logSumExp = kernels.logSumExp(logits, offset, vocabularySize);
        entry.logprobs[n] = logits[offset + entry.tokens[n]] - logSumExp;
        if (entry.likeliestCount > 0 && Float.isFinite(logSumExp)) {
            entry.likeliest[n] = sampler.likeliest(logits, offset, entry.likeliestCount, logSumExp);
        }
    }

    private int offset(Entry entry, int n) {
        return (entry.firstRow + n) * vocabularySize;
    }
}
