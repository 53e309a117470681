package io.llamastreams.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.engine.cache.BlockPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Stories of sequences named a, b, c...; blocks of four tokens, different prompts unless said otherwise. */
class SchedulerTest {
    private static final int BLOCK_TOKENS = 4;
    private static final long AGEING = 1000;
    private long arrivals;

    @Test
    void promptsAreCutToTheBudgetAndDecodingGoesFirst() {
        Story story = new Story(100, 8, 10);
        story.add("a", 6);
        assertThat(story.plan()).isEqualTo("a6");
        story.add("b", 25);
        assertThat(story.plan()).isEqualTo("a1 b9");
        story.add("c", 3);
        assertThat(story.plan()).isEqualTo("a1 b9");
        // b has 7 left, and c joins in what remains of the budget
        assertThat(story.plan()).isEqualTo("a1 b7 c2");
        assertThat(story.plan()).isEqualTo("a1 b1 c1");
        assertThat(story.plan()).isEqualTo("a1 b1 c1");
    }

    @Test
    void requestsJoinAndLeaveAtEveryStep() {
        Story story = new Story(100, 2, 10);
        story.add("a", 2);
        story.add("b", 2);
        story.add("c", 2);
        assertThat(story.plan()).isEqualTo("a2 b2");
        assertThat(story.plan()).isEqualTo("a1 b1");
        story.end("a");
        assertThat(story.plan()).isEqualTo("b1 c2");
        story.end("b");
        story.end("c");
        assertThat(story.plan()).isEmpty();
        assertThat(story.scheduler.hasSequences()).isFalse();
    }

    @Test
    void aPromptIsNeverLeftWithoutARow() {
        Story story = new Story(100, 3, 3);
        story.add("a", 1);
        story.add("b", 1);
        story.add("c", 4);
        assertThat(story.plan()).isEqualTo("a1 b1 c1");
        assertThat(story.plan()).isEqualTo("a1 b1 c1");
    }

    @Test
    void startsInOrderOfPriorityThenArrival() {
        Story story = new Story(100, 2, 100);
        story.add("a", 2, 0);
        story.add("b", 2, 5);
        story.add("c", 2, 5);
        assertThat(story.plan()).isEqualTo("b2 c2");
        story.end("b");
        assertThat(story.plan()).isEqualTo("c1 a2");
    }

    @Test
    void takesBlocksForTheWholePromptAtTheStartAndLeavesOneForEachRunningSequence() {
        Story story = new Story(5, 4, 4);
        story.add("a", 8);
        assertThat(story.plan()).isEqualTo("a4");
        assertThat(story.pool.usedCount()).isEqualTo(2);
        // b needs 3 of the 3 left, but one is to stay for a
        story.add("b", 9);
        assertThat(story.plan()).isEqualTo("a4");
        assertThat(story.plan()).isEqualTo("a1");
        assertThat(story.pool.usedCount()).isEqualTo(3);
        // c would fit, and does not overtake b
        story.add("c", 1);
        assertThat(story.plan()).isEqualTo("a1");
        story.end("a");
        assertThat(story.plan()).isEqualTo("b4");
        assertThat(story.plan()).isEqualTo("b4");
    }

    @Test
    void preemptsTheNewestWhenBlocksRunOutAndStartsItAgainFirst() {
        Story story = new Story(4, 8, 100);
        story.add("a", 4);
        story.add("b", 3);
        story.add("c", 3, -1);
        assertThat(story.plan()).isEqualTo("a4 b3");
        assertThat(story.blocks("a")).containsExactly(0);
        assertThat(story.blocks("b")).containsExactly(1);
        // a takes block 2; then the last one would be left for two running sequences: c stays out
        assertThat(story.plan()).isEqualTo("a1 b1");
        assertThat(story.blocks("a")).containsExactly(0, 2);
        assertThat(story.plan()).isEqualTo("a1 b1");
        assertThat(story.blocks("b")).containsExactly(1, 3);
        assertThat(story.plan()).isEqualTo("a1 b1");
        assertThat(story.plan()).isEqualTo("a1 b1");
        // a is full again and takes from b, which keeps what it knows and waits before c
        assertThat(story.plan()).isEqualTo("a1");
        assertThat(story.sequence("b").preemptions()).isEqualTo(1);
        assertThat(story.sequence("b").known()).isEqualTo(8);
        assertThat(story.scheduler.waitingCount()).isEqualTo(2);
        story.end("a");
        // of b's two blocks the full one was still cached
        assertThat(story.plan()).isEqualTo("b4 c3");
        assertThat(story.sequence("b").cachedPromptTokens()).isZero();
        assertThat(story.scheduler.prefixHitTokens()).isEqualTo(4);
    }

    @Test
    void lowestPriorityIsPreemptedBeforeTheNewest() {
        Story story = new Story(3, 8, 100);
        story.add("low", 3, 0);
        assertThat(story.plan()).isEqualTo("low3");
        story.add("high", 4, 1);
        assertThat(story.plan()).isEqualTo("low1 high4");
        // both need a block, one is left: the one that came first gives way, and to itself
        assertThat(story.plan()).isEqualTo("high1");
        assertThat(story.sequence("low").preemptions()).isEqualTo(1);
        assertThat(story.plan()).isEqualTo("high1");
        story.end("high");
        assertThat(story.plan()).isEqualTo("low1");
    }

    @Test
    void aPromptLikeOneThatIsBeingComputedSkipsWhatIsDone() {
        Story story = new Story(100, 8, 8);
        story.addLike("a", 16, 1);
        story.addLike("b", 16, 1);
        assertThat(story.plan()).isEqualTo("a8");
        assertThat(story.plan()).isEqualTo("a8");
        // three of four blocks are found, the last one is computed for its logits and then given up
        assertThat(story.plan()).isEqualTo("a1 b4");
        assertThat(story.sequence("b").cachedPromptTokens()).isEqualTo(12);
        assertThat(story.pool.usedCount()).isEqualTo(5);
    }

    @Test
    void likePromptsThatStartTogetherAreComputedOnce() {
        Story story = new Story(100, 8, 12);
        story.addLike("a", 8, 1);
        story.addLike("b", 16, 1);
        assertThat(story.plan()).isEqualTo("a8");
        assertThat(story.plan()).isEqualTo("a1 b8");
        assertThat(story.sequence("b").cachedPromptTokens()).isEqualTo(8);
    }

    @Test
    void endedSequencesCannotBeTakenOutTwice() {
        Story story = new Story(4, 2, 4);
        story.add("a", 2);
        Named a = story.sequence("a");
        story.end("a");
        assertThatThrownBy(() -> story.scheduler.remove(a)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limits(4, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Sequences of random lengths come, end and are taken out at random; every one that is left comes to its end. */
    @Test
    void everySequenceEndsAndIntegrityHoldsOverRandomActions() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int maxSequences = 1 + random.nextInt(10);
            int blocks = 6 + random.nextInt(20);
            BlockPool pool = new BlockPool(blocks, BLOCK_TOKENS, random.nextInt(4) > 0);
            Scheduler<Named> scheduler = new Scheduler<>(pool, limits(maxSequences, maxSequences + random.nextInt(20)));
            List<Named> alive = new ArrayList<>();
            int toCome = 40;
            for (int step = 0; toCome > 0 || !alive.isEmpty(); step++) {
                assertThat(step).as("seed %d: steps", seed).isLessThan(20_000);
                while (toCome > 0 && random.nextInt(3) == 0) {
                    int[] prompt = random.ints(1 + random.nextInt(20), 0, 2).toArray();
                    int maxTokens = prompt.length + 1 + random.nextInt(6 * BLOCK_TOKENS - prompt.length);
                    Named added = new Named("s", arrivals++, random.nextInt(3), prompt, maxTokens, pool);
                    alive.add(added);
                    scheduler.add(added);
                    toCome--;
                }
                if (!alive.isEmpty() && random.nextInt(20) == 0) {
                    scheduler.remove(alive.remove(random.nextInt(alive.size())));
                }
                StepPlan<Named> plan = scheduler.schedule(0);
                scheduler.checkIntegrity();
                assertThat(plan.size()).isLessThanOrEqualTo(maxSequences);
                for (int i = 0; i < plan.size(); i++) {
                    Named sequence = plan.sequence(i);
                    sequence.advance(plan.tokenCount(i));
                    if (sequence.remaining() == 0) {
                        sequence.append(random.nextInt(2));
                    }
                    if (sequence.known() == sequence.maxTokens()) {
                        alive.remove(sequence);
                        scheduler.remove(sequence);
                    }
                    scheduler.checkIntegrity();
                }
            }
            assertThat(pool.usedCount()).as("seed %d", seed).isZero();
        }
    }

    @Test
    void textsOfOnePromptShareItsBlocksUntilTheyWrite() {
        Story story = new Story(6, 4, 100);
        story.add("a", 6);
        StepPlan<Named> plan = story.scheduler.schedule(0);
        Named a = plan.sequence(0);
        a.advance(6);
        Named b = story.fork("b", a);
        Named c = story.fork("c", a);
        assertThat(story.pool.usedCount()).isEqualTo(2);
        assertThat(story.blocks("c")).containsExactly(0, 1);
        assertThat(List.of(b.computed(), b.known(), b.cachedPromptTokens())).containsExactly(6, 6, 6);
        for (Named text : List.of(a, b, c)) {
            text.append(7);
        }
        // a and b write into copies of block 1, the last holder into the block itself
        plan = story.scheduler.schedule(0);
        assertThat(plan.size()).isEqualTo(3);
        assertThat(plan.copyCount()).isEqualTo(2);
        assertThat(List.of(plan.copyFrom(0), plan.copyTo(0), plan.copyFrom(1), plan.copyTo(1)))
                .containsExactly(1, 2, 1, 3);
        assertThat(story.blocks("a")).containsExactly(0, 2);
        assertThat(story.blocks("b")).containsExactly(0, 3);
        assertThat(story.blocks("c")).containsExactly(0, 1);
        story.scheduler.checkIntegrity();
    }

    @Test
    void aTextWithoutAPlaceBesideTheFirstWaits() {
        Story story = new Story(6, 1, 100);
        story.add("a", 5);
        Named a = story.scheduler.schedule(0).sequence(0);
        a.advance(5);
        Named b = story.fork("b", a);
        assertThat(b.state()).isEqualTo(Sequence.State.WAITING);
        a.append(7);
        b.append(8);
        assertThat(story.plan()).isEqualTo("a1");
        story.end("a");
        assertThat(story.plan()).as("but for the full block").isEqualTo("b2");
    }

    @Test
    void waitingOutweighsPriority() {
        Story story = new Story(100, 1, 100);
        story.add("a", 2);
        story.plan();
        story.add("old", 2, new SchedulingKey(0, 0, ""));
        story.nowNanos = 5 * AGEING;
        story.add("urgent", 2, new SchedulingKey(4, 5 * AGEING, ""));
        story.add("vital", 2, new SchedulingKey(6, 5 * AGEING, ""));
        story.end("a");
        assertThat(story.plan()).isEqualTo("vital2");
        story.end("vital");
        assertThat(story.plan()).isEqualTo("old2");
    }

    @Test
    void tenantsShareByTheirWeights() {
        Story story = new Story(1000, 1, 100);
        for (int i = 0; i < 40; i++) {
            story.add("x" + i, 4, new SchedulingKey(0, 0, "x"));
        }
        for (int i = 0; i < 40; i++) {
            story.add("y" + i, 4, new SchedulingKey(0, 0, "heavy"));
        }
        StringBuilder served = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            String plan = story.plan();
            String name = plan.substring(0, plan.length() - 1);
            served.append(name.charAt(0));
            story.end(name);
        }
        long heavy = served.chars().filter(c -> c == 'y').count();
        assertThat(heavy).as("of 40, at three to one: %s", served).isBetween(29L, 31L);
        assertThat(served.substring(0, 8)).contains("x").contains("yyy");
    }

    @Test
    void aTenantThatComesBackHasSavedNothingUp() {
        Story story = new Story(1000, 1, 100);
        for (int i = 0; i < 20; i++) {
            story.add("x" + i, 4, new SchedulingKey(0, 0, "x"));
        }
        for (int i = 0; i < 10; i++) {
            String plan = story.plan();
            story.end(plan.substring(0, plan.length() - 1));
        }
        for (int i = 0; i < 10; i++) {
            story.add("y" + i, 4, new SchedulingKey(0, 0, "y"));
        }
        StringBuilder served = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            String plan = story.plan();
            served.append(plan.charAt(0));
            story.end(plan.substring(0, plan.length() - 1));
        }
        assertThat(served.chars().filter(c -> c == 'y').count()).isEqualTo(4);
    }

    @Test
    void roomIsKeptForWhatIsExpectedToCome() {
        Story story = new Story(8, 8, 100);
        story.scheduler.expect(11);
        story.add("a", 5);
        story.add("b", 5);
        story.add("c", 1);
        // a and b are expected to fill four blocks each: nothing is left for c
        assertThat(story.plan()).isEqualTo("a5 b5");
        assertThat(story.plan()).isEqualTo("a1 b1");
        story.end("b");
        assertThat(story.plan()).isEqualTo("a1 c1");
    }

    @Test
    void promptsThatAreScoredGetAsManyRowsWithLogitsAsThereAre() {
        Story story = new Story(100, 2, 100, 4);
        story.add("a", 9);
        story.sequence("a").wantRows(2, 8);
        // positions 0 and 1 want none, 2 to 5 do
        assertThat(story.plan()).isEqualTo("a6");
        story.sequence("a").wantRows(6, 8);
        assertThat(story.plan()).isEqualTo("a3");
        assertThat(story.plan()).isEqualTo("a1");
    }

    @Test
    void draftsTakeWhatIsLeftOfAStep() {
        Story story = new Story(100, 4, 8);
        story.add("a", 3);
        story.add("b", 2);
        assertThat(story.plan()).isEqualTo("a3 b2");
        story.sequence("a").guess(new int[] {1, 2, 3}, 3);
        story.sequence("b").guess(new int[8], 8);
        StepPlan<Named> plan = story.scheduler.schedule(0);
        assertThat(List.of(plan.draftCount(0), plan.draftCount(1), plan.tokens()))
                .containsExactly(3, 3, 8);
        assertThat(story.sequence("b").table().count()).isEqualTo(2);
    }

    private static SchedulerLimits limits(int maxSequences, int maxStepTokens) {
        return new SchedulerLimits(maxSequences, maxStepTokens, maxStepTokens, AGEING, true, Map.of("heavy", 3));
    }

    private static final class Named extends Sequence {
        private final String name;

        Named(String name, long arrival, int priority, int[] prompt, int maxTokens, BlockPool pool) {
            this(name, arrival, new SchedulingKey(priority, 0, ""), prompt, maxTokens, pool);
        }

        Named(String name, long arrival, SchedulingKey schedulingKey, int[] prompt, int maxTokens, BlockPool pool) {
            super(arrival, schedulingKey, prompt, new int[0], maxTokens, pool);
            this.name = name;
        }

        Named(String name, long arrival, Named other, BlockPool pool) {
            super(arrival, other, pool);
            this.name = name;
        }
    }

    /** A scheduler whose steps are written as text: "a1 b9" computes one token of a and nine of b. */
    private final class Story {
        private final BlockPool pool;
        private final Scheduler<Named> scheduler;
        private final List<Named> sequences = new ArrayList<>();
        private long nowNanos;

        Story(int blocks, int maxSequences, int maxStepTokens) {
            this(blocks, maxSequences, maxStepTokens, maxStepTokens);
        }

        Story(int blocks, int maxSequences, int maxStepTokens, int maxOutputs) {
            pool = new BlockPool(blocks, BLOCK_TOKENS, true);
            scheduler = new Scheduler<>(
                    pool,
                    new SchedulerLimits(maxSequences, maxStepTokens, maxOutputs, AGEING, true, Map.of("heavy", 3)));
        }

        Named fork(String name, Named other) {
            Named forked = new Named(name, arrivals++, other, pool);
            sequences.add(forked);
            scheduler.fork(forked, other);
            return forked;
        }

        void add(String name, int promptTokens, SchedulingKey schedulingKey) {
            int[] prompt = new int[promptTokens];
            Arrays.fill(prompt, 1000 + name.hashCode());
            add(new Named(name, arrivals++, schedulingKey, prompt, 1000, pool));
        }

        void add(String name, int promptTokens) {
            add(name, promptTokens, 0);
        }

        void add(String name, int promptTokens, int priority) {
            int[] prompt = new int[promptTokens];
            Arrays.fill(prompt, 1000 + name.charAt(0));
            add(new Named(name, arrivals++, priority, prompt, 1000, pool));
        }

        void addLike(String name, int promptTokens, int firstToken) {
            int[] prompt = new int[promptTokens];
            Arrays.setAll(prompt, i -> firstToken + i);
            add(new Named(name, arrivals++, 0, prompt, 1000, pool));
        }

        private void add(Named sequence) {
            sequences.add(sequence);
            scheduler.add(sequence);
        }

        Named sequence(String name) {
            return sequences.stream()
                    .filter(sequence -> sequence.name.equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        int[] blocks(String name) {
            Named sequence = sequence(name);
            return Arrays.copyOf(sequence.blocks(), sequence.table().count());
        }

        void end(String name) {
            scheduler.remove(sequence(name));
        }

        String plan() {
            StepPlan<Named> plan = scheduler.schedule(nowNanos);
            scheduler.checkIntegrity();
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < plan.size(); i++) {
                Named sequence = plan.sequence(i);
                text.append(i == 0 ? "" : " ").append(sequence.name).append(plan.tokenCount(i));
                sequence.advance(plan.tokenCount(i));
                if (sequence.remaining() == 0) {
                    sequence.append(7);
                }
            }
            scheduler.checkIntegrity();
            return text.toString();
        }
    }
}
