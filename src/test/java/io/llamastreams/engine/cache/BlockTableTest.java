package io.llamastreams.engine.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Blocks of two tokens throughout, so that the stories stay short. */
class BlockTableTest {
    private static final int NONE = BlockPool.NONE;

    @Test
    void aSecondRequestSharesTheBlocksOfTheFirstWhileItRuns() {
        BlockPool pool = new BlockPool(8, 2, true);
        BlockTable first = new BlockTable(pool);
        assertThat(first.openOrNone(new int[] {1, 2, 3, 4, 5}, 5, 4, 0)).isZero();
        assertThat(blocks(first)).containsExactly(0, 1, 2);
        first.share(new int[] {1, 2, 3, 4, 5}, 5);

        BlockTable second = new BlockTable(pool);
        assertThat(second.openOrNone(new int[] {1, 2, 3, 4, 9, 9, 9}, 7, 6, 0)).isEqualTo(4);
        assertThat(blocks(second)).containsExactly(0, 1, 3, 4);
        assertThat(pool.holders(1)).isEqualTo(2);
        pool.checkIntegrity(List.of(first, second));

        first.releaseAll();
        assertThat(pool.usedCount()).isEqualTo(4);
        second.releaseAll();
        assertThat(pool.cachedCount()).isEqualTo(2);
        pool.checkIntegrity(List.of(first, second));
    }

    @Test
    void theLastTokenIsComputedEvenIfAllBlocksAreFound() {
        BlockPool pool = new BlockPool(8, 2, true);
        BlockTable first = new BlockTable(pool);
        int[] tokens = {1, 2, 3, 4};
        first.openOrNone(tokens, 4, 3, 0);
        first.share(tokens, 4);

        BlockTable second = new BlockTable(pool);
        assertThat(second.openOrNone(tokens, 4, 3, 0)).isEqualTo(2);
        assertThat(blocks(second)).containsExactly(0, 2);
        // computed again, the block is given up for the one that is known
        second.share(tokens, 4);
        assertThat(blocks(second)).containsExactly(0, 1);
        assertThat(pool.freeCount()).isEqualTo(6);
        pool.checkIntegrity(List.of(first, second));
    }

    @Test
    void freesTailBlocksFirst() {
        BlockPool pool = new BlockPool(3, 2, true);
        BlockTable table = new BlockTable(pool);
        int[] tokens = {1, 2, 3, 4, 5, 6};
        table.openOrNone(tokens, 6, 5, 0);
        table.share(tokens, 6);
        table.releaseAll();
        assertThat(pool.allocateOrNone()).isEqualTo(2);
        assertThat(pool.allocateOrNone()).isEqualTo(1);
        assertThat(pool.find(NONE, tokens, 0)).isZero();
    }

    @Test
    void takesNothingIfThereIsNotRoomForAll() {
        BlockPool pool = new BlockPool(4, 2, true);
        BlockTable first = new BlockTable(pool);
        int[] tokens = {1, 2, 3, 4, 5};
        first.openOrNone(tokens, 5, 4, 0);
        first.share(tokens, 5);

        BlockTable second = new BlockTable(pool);
        assertThat(second.openOrNone(new int[] {9, 9, 9}, 3, 2, 0)).isEqualTo(NONE);
        assertThat(second.openOrNone(new int[] {1, 2, 3}, 3, 2, 0)).isEqualTo(2);
        second.releaseAll();
        assertThat(second.openOrNone(new int[] {1, 2, 3}, 3, 2, 1)).isEqualTo(NONE);
        assertThat(second.count()).isZero();
        pool.checkIntegrity(List.of(first, second));
    }

    @Test
    void aCachedBlockThatIsFoundDoesNotCountAsRoomForTheRest() {
        BlockPool pool = new BlockPool(3, 2, true);
        BlockTable first = new BlockTable(pool);
        int[] tokens = {1, 2, 3, 4};
        first.openOrNone(tokens, 4, 3, 0);
        first.share(tokens, 4);
        first.releaseAll();

        BlockTable second = new BlockTable(pool);
        assertThat(second.openOrNone(new int[] {1, 2, 9, 9, 9, 9, 9}, 7, 6, 0)).isEqualTo(NONE);
        // three blocks: the found one, the free one, and the other cached one evicted
        assertThat(second.openOrNone(new int[] {1, 2, 9, 9, 9}, 5, 4, 0)).isEqualTo(2);
        assertThat(blocks(second)).containsExactly(0, 2, 1);
        assertThat(pool.evictions()).isEqualTo(1);
        pool.checkIntegrity(List.of(first, second));
    }

    @Test
    void adoptsWhatAnotherComputedSinceTheStart() {
        BlockPool pool = new BlockPool(8, 2, true);
        int[] tokens = {1, 2, 3, 4, 5, 6};
        BlockTable first = new BlockTable(pool);
        BlockTable second = new BlockTable(pool);
        first.openOrNone(tokens, 6, 5, 0);
        second.openOrNone(tokens, 6, 5, 0);
        first.share(tokens, 4);
        assertThat(second.adopt(tokens, 5, 0)).isEqualTo(4);
        assertThat(blocks(second)).containsExactly(0, 1, 5);
        assertThat(pool.freeCount()).isEqualTo(4);
        first.share(tokens, 6);
        assertThat(second.adopt(tokens, 5, 4)).as("the last token stays").isEqualTo(4);
        pool.checkIntegrity(List.of(first, second));
    }

    @Test
    void adoptsNothingInTheMiddleOfABlock() {
        BlockPool pool = new BlockPool(8, 2, true);
        // equal tokens throughout: the tokens from the middle on look like a block of their own
        int[] tokens = {1, 1, 1, 1, 1, 1};
        BlockTable first = new BlockTable(pool);
        BlockTable second = new BlockTable(pool);
        first.openOrNone(tokens, 6, 5, 0);
        second.openOrNone(tokens, 6, 5, 0);
        first.share(tokens, 6);
        assertThat(second.adopt(tokens, 5, 1)).isEqualTo(1);
    }

    @Test
    void growsByAllTheBlocksOrNotAtAll() {
        BlockPool pool = new BlockPool(2, 2, true);
        BlockTable table = new BlockTable(pool);
        table.openOrNone(new int[] {1}, 1, 0, 0);
        assertThat(table.maybeGrow(2)).isTrue();
        assertThat(table.count()).isEqualTo(1);
        assertThat(table.maybeGrow(3)).isTrue();
        assertThat(table.maybeGrow(5)).isFalse();
        assertThat(table.count()).isEqualTo(2);
        assertThat(table.maybeGrow(7)).isFalse();
        assertThat(table.count()).isEqualTo(2);
    }

    /** Tables that open, grow, share, adopt and release at random over few tokens; checked after every action. */
    @Test
    void keepsIntegrityOverRandomActions() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int blockTokens = 1 + random.nextInt(4);
            BlockPool pool = new BlockPool(2 + random.nextInt(20), blockTokens, random.nextInt(5) > 0);
            List<Text> texts = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                texts.add(new Text(pool));
            }
            List<BlockTable> tables = texts.stream().map(text -> text.table).toList();
            for (int action = 0; action < 500; action++) {
                texts.get(random.nextInt(texts.size())).act(random, blockTokens);
                try {
                    pool.checkIntegrity(tables);
                } catch (IllegalStateException e) {
                    throw new AssertionError("seed " + seed + ", action " + action, e);
                }
            }
            texts.forEach(text -> text.table.releaseAll());
            assertThat(pool.availableCount()).as("seed %d", seed).isEqualTo(pool.blockCount());
        }
    }

    private static final class Text {
        private final BlockTable table;
        private int[] tokens = {};
        private int computed;

        Text(BlockPool pool) {
            table = new BlockTable(pool);
        }

        void act(Random random, int blockTokens) {
            if (table.count() == 0) {
                tokens = random.ints(1 + random.nextInt(5 * blockTokens), 0, 2).toArray();
                computed = Math.max(0, table.openOrNone(tokens, tokens.length, tokens.length - 1, random.nextInt(2)));
                return;
            }
            switch (random.nextInt(4)) {
                case 0 -> {
                    computed = table.adopt(tokens, tokens.length - 1, computed);
                    assertThat(computed).isLessThanOrEqualTo(tokens.length);
                }
                case 1 -> {
                    computed += random.nextInt(tokens.length - computed + 1);
                    table.share(tokens, computed);
                }
                case 2 -> {
                    if (computed == tokens.length && table.maybeGrow(tokens.length + 1)) {
                        tokens = Arrays.copyOf(tokens, tokens.length + 1);
                        tokens[tokens.length - 1] = random.nextInt(2);
                    }
                }
                default -> {
                    if (random.nextInt(3) == 0) {
                        table.releaseAll();
                    }
                }
            }
        }
    }

    private static int[] blocks(BlockTable table) {
        return Arrays.copyOf(table.blocks(), table.count());
    }
}
