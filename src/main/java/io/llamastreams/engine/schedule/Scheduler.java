package io.llamastreams.engine.schedule;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.cache.BlockTable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Decides what the next step computes. Sequences stand in one order everywhere: higher priority first, then first come.
 *
 * <ol>
 *   <li>Each running sequence that has one token to compute gets its row. If it needs a block and none is left, the last
 *       running sequence in the order is preempted: it gives all its blocks back and waits, to be computed again.
 *   <li>Running sequences with more to compute (prompts, and what was preempted) share what is left of the step's tokens.
 *   <li>Waiting sequences are started, strictly in order, while there are tokens, places and blocks for all that they know.
 *       A block for each running sequence stays spare, so that a start is not undone by the next steps.
 * </ol>
 *
 * Why nothing starves or locks up: the first running sequence is never preempted for another; alone it always fits, since
 * nothing longer than the pool is let in; every sequence is finite; and whoever waits first is started first. Places are
 * never more than tokens of a step, so while one prompt is computed, it gets at least one row of each step. Engine thread
 * only.
 *
 * @param <S> the engine's kind of sequence
 */
public final class Scheduler<S extends Sequence> {
    private final BlockPool pool;
    private final int maxSequences;
    private final int maxStepTokens;
    private final StepPlan<S> plan;
    private final ArrayList<S> running = new ArrayList<>();
    private final TreeSet<S> waiting = new TreeSet<>(Scheduler::order);
    private S refused;
    private long releasesWhenRefused;
    private long preemptions;
    private long prefixQueryTokens;
    private long prefixHitTokens;

    /**
     * A scheduler without sequences.
     *
     * @param maxSequences most sequences that run at a time
     * @param maxStepTokens most tokens of one step, at least {@code maxSequences}
     */
    public Scheduler(BlockPool pool, int maxSequences, int maxStepTokens) {
        if (maxSequences < 1 || maxStepTokens < maxSequences) {
            throw new IllegalArgumentException("scheduler: expected at least one sequence and a token for each, found "
                    + maxSequences + " sequences, " + maxStepTokens + " tokens");
        }
        this.pool = pool;
        this.maxSequences = maxSequences;
        this.maxStepTokens = maxStepTokens;
        plan = new StepPlan<>(maxSequences);
    }

    /** Puts a new sequence among the waiting. */
    public void add(S sequence) {
        if (!waiting.add(sequence)) {
            throw new IllegalStateException("two sequences with one arrival number");
        }
    }

    /** Takes a sequence out for good, wherever it is, and gives its blocks back. */
    public void remove(S sequence) {
        switch (sequence.state()) {
            case WAITING -> waiting.remove(sequence);
            case RUNNING -> running.remove(sequence);
            case ENDED -> throw new IllegalStateException("sequence has ended already");
        }
        sequence.end();
        if (sequence == refused) {
            refused = null;
        }
    }

    /**
     * Plans the next step.
     *
     * @return what to compute, valid until the next call; empty only if there is no sequence at all
     */
    public StepPlan<S> schedule() {
        plan.clear();
        long preemptionsBefore = preemptions;
        planDecoding();
        planPrefill();
        if (preemptions == preemptionsBefore) {
            startWaiting();
        }
        if (plan.size() == 0 && hasSequences()) {
            throw new IllegalStateException("nothing to compute for " + running.size() + " running and "
                    + waiting.size() + " waiting sequences, blocks available: " + pool.availableCount());
        }
        return plan;
    }

    public boolean hasSequences() {
        return !running.isEmpty() || !waiting.isEmpty();
    }

    /** Sequences that hold blocks, first in order first; not to be changed. */
    public List<S> running() {
        return running;
    }

    public int waitingCount() {
        return waiting.size();
    }

    public long preemptions() {
        return preemptions;
    }

    /** Tokens that were looked up when sequences were started. */
    public long prefixQueryTokens() {
        return prefixQueryTokens;
    }

    /** Those of them that were computed already. */
    public long prefixHitTokens() {
        return prefixHitTokens;
    }

    /** Checks the pool against the tables of all sequences; see {@link BlockPool#checkIntegrity}. */
    public void checkIntegrity() {
        List<BlockTable> tables = new ArrayList<>();
        for (S sequence : running) {
            tables.add(sequence.table());
            if (sequence.table().count() < pool.blocksFor(sequence.computed())) {
                throw new IllegalStateException("sequence holds fewer blocks than its computed tokens fill");
            }
        }
        for (S sequence : waiting) {
            if (sequence.table().count() != 0) {
                throw new IllegalStateException("waiting sequence holds blocks");
            }
        }
        pool.checkIntegrity(tables);
    }

    private void planDecoding() {
        for (int i = 0; i < running.size(); i++) {
            S sequence = running.get(i);
            if (sequence.remaining() == 1 && growOrPreempt(sequence)) {
                plan.add(sequence, 1);
            }
        }
    }

    /** Gets the sequence its next block, from the last in the order if need be; false if that was the sequence itself. */
    private boolean growOrPreempt(S sequence) {
        while (!sequence.maybeGrow()) {
            S last = running.removeLast();
            last.preempt();
            waiting.add(last);
            preemptions++;
            if (last == sequence) {
                return false;
            }
        }
        return true;
    }

    private void planPrefill() {
        for (int i = 0; i < running.size() && plan.tokens() < maxStepTokens; i++) {
            S sequence = running.get(i);
            if (sequence.remaining() > 1) {
                prefixHitTokens += sequence.adopt();
                planNextTokens(sequence);
            }
        }
    }

    private void startWaiting() {
        while (!waiting.isEmpty() && running.size() < maxSequences && plan.tokens() < maxStepTokens) {
            S first = waiting.first();
            if (first == refused && pool.releases() == releasesWhenRefused) {
                return;
            }
            if (!first.maybeStart(running.size())) {
                refused = first;
                releasesWhenRefused = pool.releases();
                return;
            }
            waiting.remove(first);
            insertRunning(first);
            prefixQueryTokens += first.known();
            prefixHitTokens += first.computed();
            planNextTokens(first);
        }
    }

    private void planNextTokens(S sequence) {
        plan.add(sequence, Math.min(sequence.remaining(), maxStepTokens - plan.tokens()));
    }

    private void insertRunning(S sequence) {
        int place = running.size();
        while (place > 0 && sequence.goesBefore(running.get(place - 1))) {
            place--;
        }
        running.add(place, sequence);
    }

    private static int order(Sequence a, Sequence b) {
        return a == b ? 0 : a.goesBefore(b) ? -1 : b.goesBefore(a) ? 1 : 0;
    }
}
