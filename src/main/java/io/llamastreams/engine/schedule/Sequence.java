package io.llamastreams.engine.schedule;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.cache.BlockTable;
import java.util.Arrays;

/**
 * A text that is being made.
 *
 * <pre>
 *   tokens  | prompt ........... | generated ... | draft |
 *   computed -------------->|                              their keys and values lie in the KV memory
 *   known    --------------------------------->|           the rest is to be computed; the last one's logits give the next token
 * </pre>
 *
 * A preempted sequence keeps its known tokens and loses the computed ones. Engine thread only.
 */
public class Sequence {
    /** Where a sequence is in its life: new, WAITING, RUNNING, perhaps WAITING again, and so on, ENDED. */
    public enum State {
        WAITING,
        RUNNING,
        ENDED
    }

    private static final int FIRST_GROWTH = 64;
    private static final int[] NO_DRAFT = {};

    private final long arrival;
    private final SchedulingKey schedulingKey;
    private final int promptTokens;
    private final int maxTokens;
    private final BlockTable table;
    private int[] tokens;
    private int known;
    private int computed;

    /** First position whose row is still wanted for more than its keys and values; the last known one is always. */
    private int wantedFrom = Integer.MAX_VALUE;

    /** First position after {@link #wantedFrom} whose row is not wanted any more for its logits; 0 if none is. */
    private int scoredTo;

    private int[] draft = NO_DRAFT;
    private int draftTokens;
    private int cachedPromptTokens;
    private int preemptions;
    private State state = State.WAITING;

    /**
     * A sequence of which nothing is computed.
     *
     * @param arrival smaller came sooner; unique
     * @param prompt its tokens; copied when the first new token comes
     * @param made tokens that were generated already, perhaps none
     * @param maxTokens most tokens of prompt and generated text together
     */
    protected Sequence(
            long arrival, SchedulingKey schedulingKey, int[] prompt, int[] made, int maxTokens, BlockPool pool) {
        this.arrival = arrival;
        this.schedulingKey = schedulingKey;
        this.promptTokens = prompt.length;
        this.maxTokens = maxTokens;
        this.table = new BlockTable(pool);
        this.tokens = prompt;
        this.known = prompt.length + made.length;
        if (made.length > 0) {
            tokens = Arrays.copyOf(prompt, known);
            System.arraycopy(made, 0, tokens, promptTokens, made.length);
        }
    }

    /**
     * A sequence that goes on from the end of another one's prompt, which is computed and has no new tokens yet.
     *
     * @param arrival unique
     */
    protected Sequence(long arrival, Sequence other, BlockPool pool) {
        this(arrival, other.schedulingKey, other.prompt(), new int[0], other.maxTokens, pool);
    }

    private int[] prompt() {
        if (known != promptTokens || computed != known) {
            throw new IllegalStateException("fork: expected a sequence at the end of its prompt, found " + computed
                    + " of " + known + " tokens computed, prompt " + promptTokens);
        }
        return tokens;
    }

    public final SchedulingKey schedulingKey() {
        return schedulingKey;
    }

    public final int promptTokens() {
        return promptTokens;
    }

    public final int generatedTokens() {
        return known - promptTokens;
    }

    public final int maxTokens() {
        return maxTokens;
    }

    public final int known() {
        return known;
    }

    public final int computed() {
        return computed;
    }

    /** Tokens that are known and not computed. */
    public final int remaining() {
        return known - computed;
    }

    public final int token(int position) {
        return tokens[position];
    }

    /** The known tokens lie at the front; another array after it has grown. */
    public final int[] tokens() {
        return tokens;
    }

    /** Block ids by {@code position / blockTokens}; may be another array in the next step. */
    public final int[] blocks() {
        return table.blocks();
    }

    public final BlockTable table() {
        return table;
    }

    public final State state() {
        return state;
    }

    /** Tokens of the prompt that did not have to be computed when the sequence first came to run. */
    public final int cachedPromptTokens() {
        return cachedPromptTokens;
    }

    public final int preemptions() {
        return preemptions;
    }

    /**
     * Says that the rows from this position on are wanted: for their hidden states, or to score the token after each.
     *
     * @param scoredEnd position before which they are wanted for their logits; 0 if for hidden states
     */
    public final void wantRows(int from, int scoredEnd) {
        wantedFrom = from;
        scoredTo = scoredEnd;
    }

    /** Says that no row is wanted any more but the last one's logits. */
    public final void wantNoMoreRows() {
        wantRows(Integer.MAX_VALUE, 0);
    }

    /** Whether the logits of this position's row are wanted to score the next token, which is known. */
    public final boolean scoresAt(int position) {
        return position >= wantedFrom && position < scoredTo;
    }

    /** Whether the logits of this position's row give the next token. */
    public final boolean drawsAt(int position) {
        return position >= known - 1 && known < maxTokens;
    }

    /** Tokens that are guessed to come next: those at the front of the {@link #draft}. */
    public final int draftTokens() {
        return draftTokens;
    }

    public final int[] draft() {
        return draft;
    }

    /** Guesses tokens that may come after the known ones; kept, not copied, until the next step. */
    public final void guess(int[] newDraft, int count) {
        draft = newDraft;
        draftTokens = count;
    }

    /** Adds a token to a sequence whose known tokens are all computed, or which waits to be computed anew. */
    public final void append(int token) {
        if (state == State.RUNNING && computed != known || known == maxTokens) {
            throw new IllegalStateException("sequence of at most " + maxTokens + " tokens cannot grow: known " + known
                    + ", computed " + computed);
        }
        if (known == promptTokens || known == tokens.length) {
            // the prompt belongs to the caller: the first new token takes an array of our own
            int wanted = Math.max(known + FIRST_GROWTH, known + known / 2);
            tokens = Arrays.copyOf(tokens, Math.min(maxTokens, wanted));
        }
        tokens[known++] = token;
    }

    /** Notes that the forward pass of a step has computed some tokens, and makes full blocks known to others. */
    public final void advance(int tokenCount) {
        computed += tokenCount;
        table.share(tokens, computed);
    }

    /** Rows with logits among the next ones to compute. */
    final int outputs(int tokenCount) {
        int end = computed + tokenCount;
        int scored = Math.max(0, Math.min(end, scoredTo) - Math.max(computed, wantedFrom));
        return scored + (drawsAt(end - 1) ? 1 : 0);
    }

    /** How many of the next tokens can be computed within so many rows with logits. */
    final int fitting(int tokenCount, int maxOutputs) {
        int fitting = tokenCount;
        while (fitting > 0 && outputs(fitting) > maxOutputs) {
            fitting -= outputs(fitting) - maxOutputs;
        }
        return Math.max(0, fitting);
    }

    /** Takes blocks for all known tokens and goes RUNNING; false, with nothing changed, if there is no room. */
    final boolean maybeStart(int spareBlocks) {
        int cached = table.openOrNone(tokens, known, skippable(), spareBlocks);
        if (cached == BlockPool.NONE) {
            return false;
        }
        computed = cached;
        if (preemptions == 0) {
            cachedPromptTokens = cached;
        }
        state = State.RUNNING;
        return true;
    }

    /** Takes the other one's blocks and goes RUNNING where that one stands. */
    final void startAs(Sequence other) {
        table.fork(other.table, other.computed);
        computed = other.computed;
        cachedPromptTokens = promptTokens;
        state = State.RUNNING;
    }

    /** Skips tokens that others have computed in the meantime. */
    final int adopt() {
        int before = computed;
        computed = table.adopt(tokens, skippable(), computed);
        if (preemptions == 0) {
            cachedPromptTokens += computed - before;
        }
        return computed - before;
    }

    /** Whether another sequence of the same step computes what this one needs next. */
    final boolean waitsFor(Sequence other) {
        return table.waitsFor(tokens, skippable(), other.table, other.tokens, other.known);
    }

    /** Takes the blocks that the next row needs, and one of its own where others hold it; false if there is none. */
    final boolean maybeGrow(StepPlan<?> plan) {
        if (!table.maybeGrow(known)) {
            return false;
        }
        if (!table.isForeign(computed)) {
            return true;
        }
        int block = table.blockAt(computed);
        int own = table.ownOrNone(computed);
        if (own == BlockPool.NONE) {
            return false;
        }
        plan.copy(block, own);
        return true;
    }

    /** Takes blocks for as many tokens of the draft as there is room for; how many that is. */
    final int growForDraft(int most, int spareBlocks) {
        int wanted = Math.min(Math.min(most, draftTokens), maxTokens - known - 1);
        return wanted > 0 && table.maybeGrow(known + wanted, spareBlocks) ? wanted : 0;
    }

    final void preempt() {
        table.releaseAll();
        computed = 0;
        preemptions++;
        state = State.WAITING;
    }

    final void end() {
        table.releaseAll();
        computed = 0;
        state = State.ENDED;
    }

    final long arrival() {
        return arrival;
    }

    private int skippable() {
        return Math.min(known - 1, wantedFrom);
    }
}
