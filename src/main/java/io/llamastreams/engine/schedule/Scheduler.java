package io.llamastreams.engine.schedule;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.cache.BlockTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Decides what the next step computes.
 *
 * <ol>
 *   <li>Each running sequence that has one token to compute gets its row. If it needs a block and none is left, the last
 *       running sequence in the order is preempted: it gives all its blocks back and waits, to be computed again.
 *   <li>Running sequences with more to compute (prompts, and what was preempted) share what is left of the step's tokens. One
 *       whose next block another one computes in this very step waits for it.
 *   <li>Waiting sequences are started while there are tokens, places, and blocks for all that they know and for what
 *       everybody is expected to need, but not in a step that preempted one. Who is next is decided by priority, then by who of
 *       the tenants had least, then by age.
 *   <li>What is left of the step's tokens goes to drafts.
 * </ol>
 *
 * Waiting adds to a priority: one step for each period of {@code ageingNanos}. A sequence's place against another one of its
 * tenant therefore never changes: it is that of its arrival, set back by its priority.
 *
 * <p>Why nothing starves or locks up: the first running sequence in the order is never preempted for another; alone it always
 * fits, since nothing longer than the pool is let in; every sequence is finite; and whoever waits longest comes to have the
 * highest priority. Places are never more than tokens or rows with logits of a step, so while one prompt is computed, it gets at
 * least one row of each step. Engine thread only.
 *
 * @param <S> the engine's kind of sequence
 */
public final class Scheduler<S extends Sequence> {
    /** Priorities beyond cannot be told apart. */
    private static final long MAX_PRIORITY = 1_000_000;

    private final BlockPool pool;
    private final SchedulerLimits limits;
    private final StepPlan<S> plan;
    private final ArrayList<S> running = new ArrayList<>();
    private final Map<String, TenantQueue<S>> tenants = new LinkedHashMap<>();
    private int waitingCount;
    private int expectedNewTokens;
    private S refused;
    private long releasesWhenRefused;
    private long preemptions;
    private long prefixQueryTokens;
    private long prefixHitTokens;

    /** A scheduler without sequences. */
    public Scheduler(BlockPool pool, SchedulerLimits limits) {
        this.pool = pool;
        this.limits = limits;
        plan = new StepPlan<>(limits.maxSequences());
    }

    /** Puts a new sequence among the waiting. */
    public void add(S sequence) {
        TenantQueue<S> tenant = tenant(sequence);
        tenant.enter(leastTime());
        enqueue(sequence, tenant);
    }

    /**
     * Puts a new sequence where another one stands, at the end of its prompt: with its blocks if there is a place, else among
     * the waiting.
     */
    public void fork(S sequence, S other) {
        tenant(sequence).enter(leastTime());
        if (other.state() == Sequence.State.RUNNING && running.size() < limits.maxSequences()) {
            sequence.startAs(other);
            insertRunning(sequence);
        } else {
            enqueue(sequence, tenant(sequence));
        }
    }

    /** Takes a sequence out for good, wherever it is, and gives its blocks back. */
    public void remove(S sequence) {
        switch (sequence.state()) {
            case WAITING -> {
                tenant(sequence).waiting().remove(sequence);
                waitingCount--;
            }
            case RUNNING -> running.remove(sequence);
            case ENDED -> throw new IllegalStateException("sequence has ended already");
        }
        sequence.end();
        TenantQueue<S> tenant = tenant(sequence);
        tenant.leave();
        if (!tenant.isActive() && tenants.size() > limits.maxIdleTenants()) {
            tenants.values().removeIf(idle -> !idle.isActive());
        }
        if (sequence == refused) {
            refused = null;
        }
    }

    /** Says how many new tokens a sequence is expected to make, by which room is kept when others are started. */
    public void expect(int newTokens) {
        expectedNewTokens = newTokens;
    }

    /**
     * Plans the next step.
     *
     * @param nowNanos of the clock of arrivals
     * @return what to compute, valid until the next call; empty only if there is no sequence at all
     */
    public StepPlan<S> schedule(long nowNanos) {
        plan.clear();
        long preemptionsBefore = preemptions;
        planDecoding();
        int decoding = plan.size();
        planPrefill(decoding);
        if (preemptions == preemptionsBefore) {
            startWaiting(nowNanos, decoding);
        }
        planDrafts(decoding);
        for (int i = 0; i < plan.size(); i++) {
            tenant(plan.sequence(i)).charge(plan.tokenCount(i));
        }
        if (plan.size() == 0 && hasSequences()) {
            throw new IllegalStateException("nothing to compute for " + running.size() + " running and " + waitingCount
                    + " waiting sequences, blocks available: " + pool.availableCount());
        }
        return plan;
    }

    public boolean hasSequences() {
        return !running.isEmpty() || waitingCount > 0;
    }

    /** Sequences that hold blocks, first in order first; not to be changed. */
    public List<S> running() {
        return running;
    }

    public int waitingCount() {
        return waitingCount;
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
        int waiting = 0;
        for (TenantQueue<S> tenant : tenants.values()) {
            for (S sequence : tenant.waiting()) {
                waiting++;
                if (sequence.table().count() != 0) {
                    throw new IllegalStateException("waiting sequence holds blocks");
                }
            }
        }
        if (waiting != waitingCount) {
            throw new IllegalStateException("waiting sequences: counted " + waiting + ", noted " + waitingCount);
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
        while (!sequence.maybeGrow(plan)) {
            S last = running.removeLast();
            last.preempt();
            enqueue(last, tenant(last));
            preemptions++;
            if (last == sequence) {
                return false;
            }
        }
        return true;
    }

    private void planPrefill(int decoding) {
        for (int i = 0; i < running.size() && plan.tokens() < limits.maxStepTokens(); i++) {
            S sequence = running.get(i);
            if (sequence.remaining() > 1) {
                prefixHitTokens += sequence.adopt();
                planNextTokens(sequence, decoding);
            }
        }
    }

    private void startWaiting(long nowNanos, int decoding) {
        while (waitingCount > 0
                && running.size() < limits.maxSequences()
                && plan.tokens() < limits.maxStepTokens()
                && plan.outputs() < limits.maxOutputs()) {
            S first = next(nowNanos);
            if (first == refused && pool.releases() == releasesWhenRefused) {
                return;
            }
            if (!first.maybeStart(spareBlocks(first))) {
                refused = first;
                releasesWhenRefused = pool.releases();
                return;
            }
            tenant(first).waiting().remove(first);
            waitingCount--;
            insertRunning(first);
            prefixQueryTokens += first.known();
            prefixHitTokens += first.computed();
            planNextTokens(first, decoding);
        }
    }

    /** Plans as much of a prompt as there is room for, unless another one computes its next block in this step. */
    private void planNextTokens(S sequence, int decoding) {
        for (int i = decoding; i < plan.size(); i++) {
            if (sequence.waitsFor(plan.sequence(i))) {
                return;
            }
        }
        int tokens = Math.min(sequence.remaining(), limits.maxStepTokens() - plan.tokens());
        int fitting = sequence.fitting(tokens, limits.maxOutputs() - plan.outputs());
        if (fitting > 0) {
            plan.add(sequence, fitting);
        }
    }

    private void planDrafts(int decoding) {
        for (int i = 0; i < decoding; i++) {
            int room = Math.min(limits.maxStepTokens() - plan.tokens(), limits.maxOutputs() - plan.outputs());
            if (room <= 0) {
                return;
            }
            int drafted = plan.sequence(i).growForDraft(room, running.size());
            if (drafted > 0) {
                plan.addDraft(i, drafted);
            }
        }
    }

    /** The waiting sequence that is next. */
    private S next(long nowNanos) {
        S best = null;
        for (TenantQueue<S> tenant : tenants.values()) {
            if (!tenant.waiting().isEmpty()) {
                S first = tenant.waiting().first();
                if (best == null || comesBefore(first, tenant, best, tenant(best), nowNanos)) {
                    best = first;
                }
            }
        }
        return best;
    }

    private boolean comesBefore(S a, TenantQueue<S> tenantA, S b, TenantQueue<S> tenantB, long nowNanos) {
        long priorityA = priority(a, nowNanos);
        long priorityB = priority(b, nowNanos);
        if (priorityA != priorityB) {
            return priorityA > priorityB;
        }
        return tenantA.time() != tenantB.time() ? tenantA.time() < tenantB.time() : goesBefore(a, b);
    }

    /** Priority with what waiting adds to it. */
    private long priority(S sequence, long nowNanos) {
        SchedulingKey schedulingKey = sequence.schedulingKey();
        return schedulingKey.priority() + (nowNanos - schedulingKey.arrivalNanos()) / limits.ageingNanos();
    }

    /** Blocks that must stay free if this one is started: what all are expected to need, at least one each. */
    private int spareBlocks(S starting) {
        if (running.isEmpty() || !limits.keepsRoom()) {
            return running.size();
        }
        int spare = expectedBlocks(starting) - pool.blocksFor(starting.known());
        for (S sequence : running) {
            spare += Math.max(1, expectedBlocks(sequence) - sequence.table().count());
        }
        return spare;
    }

    private int expectedBlocks(S sequence) {
        int expected = sequence.promptTokens() + expectedNewTokens;
        return pool.blocksFor(Math.min(sequence.maxTokens(), Math.max(sequence.known(), expected)));
    }

    private void insertRunning(S sequence) {
        int place = running.size();
        while (place > 0 && goesBefore(sequence, running.get(place - 1))) {
            place--;
        }
        running.add(place, sequence);
    }

    private void enqueue(S sequence, TenantQueue<S> tenant) {
        if (!tenant.waiting().add(sequence)) {
            throw new IllegalStateException("two sequences with one arrival number");
        }
        waitingCount++;
    }

    private TenantQueue<S> tenant(Sequence sequence) {
        String name = sequence.schedulingKey().tenant();
        TenantQueue<S> tenant = tenants.get(name);
        if (tenant == null) {
            int weight = limits.tenantWeights().getOrDefault(name, 1);
            tenant = new TenantQueue<>(new TreeSet<>(this::order), weight);
            tenants.put(name, tenant);
        }
        return tenant;
    }

    private long leastTime() {
        long least = Long.MAX_VALUE;
        for (TenantQueue<S> tenant : tenants.values()) {
            if (tenant.isActive()) {
                least = Math.min(least, tenant.time());
            }
        }
        return least == Long.MAX_VALUE ? 0 : least;
    }

    private boolean goesBefore(Sequence a, Sequence b) {
        return order(a, b) < 0;
    }

    private int order(Sequence a, Sequence b) {
        int byStart = Long.compare(virtualArrival(a), virtualArrival(b));
        return byStart != 0 ? byStart : Long.compare(a.arrival(), b.arrival());
    }

    private long virtualArrival(Sequence sequence) {
        long priority = Math.clamp(sequence.schedulingKey().priority(), -MAX_PRIORITY, MAX_PRIORITY);
        return sequence.schedulingKey().arrivalNanos() - priority * limits.ageingNanos();
    }
}
