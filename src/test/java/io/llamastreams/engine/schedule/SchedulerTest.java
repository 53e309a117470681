package io.llamastreams.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.engine.cache.BlockPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Stories of sequences named a, b, c...; blocks of four tokens, different prompts unless said otherwise. */
class SchedulerTest {
    private static final int BLOCK_TOKENS = 4;
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
    void likePromptsThatStartTogetherShareFromTheSecondStepOn() {
        Story story = new Story(100, 8, 12);
        story.addLike("a", 8, 1);
        story.addLike("b", 16, 1);
        assertThat(story.plan()).isEqualTo("a8 b4");
        assertThat(story.plan()).isEqualTo("a1 b8");
        assertThat(story.sequence("b").cachedPromptTokens()).isEqualTo(4);
    }

    @Test
    void endedSequencesCannotBeTakenOutTwice() {
        Story story = new Story(4, 2, 4);
        story.add("a", 2);
        Named a = story.sequence("a");
        story.end("a");
        assertThatThrownBy(() -> story.scheduler.remove(a)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new Scheduler<Named>(story.pool, 4, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Sequences of random lengths come, end and are taken out at random; every one that is left comes to its end. */
    @Test
    void everySequenceEndsAndIntegrityHoldsOverRandomActions() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int maxSequences = 1 + random.nextInt(10);
            int blocks = 6 + random.nextInt(20);
            BlockPool pool = new BlockPool(blocks, BLOCK_TOKENS, random.nextInt(4) > 0);
            Scheduler<Named> scheduler = new Scheduler<>(pool, maxSequences, maxSequences + random.nextInt(20));
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
                StepPlan<Named> plan = scheduler.schedule();
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

    private static final class Named extends Sequence {
        private final String name;

        Named(String name, long arrival, int priority, int[] prompt, int maxTokens, BlockPool pool) {
            super(arrival, priority, prompt, maxTokens, pool);
            this.name = name;
        }
    }

    /** A scheduler whose steps are written as text: "a1 b9" computes one token of a and nine of b. */
    private final class Story {
        private final BlockPool pool;
        private final Scheduler<Named> scheduler;
        private final List<Named> sequences = new ArrayList<>();

        Story(int blocks, int maxSequences, int maxStepTokens) {
            pool = new BlockPool(blocks, BLOCK_TOKENS, true);
            scheduler = new Scheduler<>(pool, maxSequences, maxStepTokens);
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
            StepPlan<Named> plan = scheduler.schedule();
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
