package io.llamastreams.engine.schedule;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.cache.BlockTable;
import java.util.Arrays;

/**
 * A text that is being made.
 *
 * <pre>
 *   tokens  | prompt ........... | generated ... |
 *   computed -------------->|                        their keys and values lie in the KV memory
 *   known    --------------------------------->|     the rest is to be computed; the last one's logits give the next token
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

    private final long arrival;
    private final int priority;
    private final int promptTokens;
    private final int maxTokens;
    private final BlockTable table;
    private int[] tokens;
    private int known;
    private int computed;
    private int cachedPromptTokens;
    private int preemptions;
    private State state = State.WAITING;

    /**
     * A sequence of which nothing is computed.
     *
     * @param arrival smaller came sooner; unique
     * @param priority higher goes first
     * @param prompt its tokens; copied when the first new token comes
     * @param maxTokens most tokens of prompt and generated text together
     */
    protected Sequence(long arrival, int priority, int[] prompt, int maxTokens, BlockPool pool) {
        this.arrival = arrival;
        this.priority = priority;
        this.promptTokens = prompt.length;
        this.maxTokens = maxTokens;
        this.table = new BlockTable(pool);
        this.tokens = prompt;
        this.known = prompt.length;
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

    /** Adds a token to a sequence whose known tokens are all computed. */
    public final void append(int token) {
        if (computed != known || known == maxTokens) {
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

    final boolean goesBefore(Sequence other) {
        return priority != other.priority ? priority > other.priority : arrival < other.arrival;
    }

    /** Takes blocks for all known tokens and goes RUNNING; false, with nothing changed, if there is no room. */
    final boolean maybeStart(int spareBlocks) {
        int cached = table.openOrNone(tokens, known, spareBlocks);
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

    /** Skips tokens that others have computed in the meantime. */
    final int adopt() {
        int before = computed;
        computed = table.adopt(tokens, known, computed);
        if (preemptions == 0) {
            cachedPromptTokens += computed - before;
        }
        return computed - before;
    }

    final boolean maybeGrow() {
        return table.maybeGrow(known);
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
}
