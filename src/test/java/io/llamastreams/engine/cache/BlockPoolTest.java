package io.llamastreams.engine.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockPoolTest {
    private static final int NONE = BlockPool.NONE;

    @Test
    void givesLowIdsFirstAndTheLastFreedAgain() {
        BlockPool pool = new BlockPool(4, 2, true);
        assertThat(take(pool, 3)).containsExactly(0, 1, 2);
        pool.release(0);
        pool.release(2);
        assertThat(take(pool, 3)).containsExactly(2, 0, 3);
        assertThat(pool.allocateOrNone()).isEqualTo(NONE);
        assertThat(pool.usedPeak()).isEqualTo(4);
    }

    @Test
    void keepsSharedBlocksCachedAndEvictsTheLeastRecentlyUsedAfterAllFreeOnes() {
        BlockPool pool = new BlockPool(4, 2, true);
        take(pool, 3);
        pool.share(0, NONE, new int[] {10, 10}, 0);
        pool.share(1, NONE, new int[] {11, 11}, 0);
        pool.share(2, NONE, new int[] {12, 12}, 0);
        pool.release(1);
        pool.release(0);
        pool.release(2);
        assertCounts(pool, 1, 0, 3);

        // 1 is used once more, so it is now the most recently used
        pool.retain(1);
        pool.release(1);
        assertThat(take(pool, 4)).containsExactly(3, 0, 2, 1);
        assertThat(pool.evictions()).isEqualTo(3);
        assertThat(pool.find(NONE, new int[] {10, 10}, 0)).isEqualTo(NONE);
        assertCounts(pool, 0, 4, 0);
    }

    @Test
    void findsABlockByItsTokensAfterItsOwnParentOnly() {
        BlockPool pool = new BlockPool(4, 2, true);
        take(pool, 3);
        pool.share(0, NONE, new int[] {1, 2}, 0);
        pool.share(1, NONE, new int[] {3, 4}, 0);
        pool.share(2, 0, new int[] {1, 2, 5, 6}, 2);
        assertThat(pool.find(0, new int[] {5, 6}, 0)).isEqualTo(2);
        assertThat(pool.find(1, new int[] {5, 6}, 0)).isEqualTo(NONE);
        assertThat(pool.find(NONE, new int[] {5, 6}, 0)).isEqualTo(NONE);
        assertThat(pool.find(NONE, new int[] {3, 4}, 0)).isEqualTo(1);
    }

    @Test
    void replacesABlockThatWasComputedTwiceByTheFirstOne() {
        BlockPool pool = new BlockPool(3, 2, true);
        take(pool, 2);
        assertThat(pool.share(0, NONE, new int[] {1, 2}, 0)).isEqualTo(0);
        assertThat(pool.share(1, NONE, new int[] {1, 2}, 0)).isEqualTo(0);
        assertThat(pool.holders(0)).isEqualTo(2);
        assertThat(pool.holders(1)).isZero();
        assertCounts(pool, 2, 1, 0);
    }

    @Test
    void countsHoldersAndKeepsTheBlockUntilTheLastIsGone() {
        BlockPool pool = new BlockPool(1, 2, true);
        take(pool, 1);
        pool.retain(0);
        pool.release(0);
        assertThat(pool.allocateOrNone()).isEqualTo(NONE);
        assertThat(pool.releases()).isZero();
        pool.release(0);
        assertThat(pool.releases()).isEqualTo(1);
        assertThat(pool.allocateOrNone()).isZero();
    }

    @Test
    void keepsNothingWithThePrefixCacheOff() {
        BlockPool pool = new BlockPool(2, 2, false);
        take(pool, 1);
        assertThat(pool.share(0, NONE, new int[] {1, 2}, 0)).isZero();
        assertThat(pool.find(NONE, new int[] {1, 2}, 0)).isEqualTo(NONE);
        pool.release(0);
        assertCounts(pool, 2, 0, 0);
    }

    @Test
    void noticesMisuse() {
        BlockPool pool = new BlockPool(2, 2, true);
        assertThatThrownBy(() -> pool.release(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.retain(0)).isInstanceOf(IllegalStateException.class);
        take(pool, 1);
        pool.release(0);
        assertThatThrownBy(() -> pool.release(0)).hasMessage("block 0 has no holder to release it");
        assertThatThrownBy(() -> new BlockPool(0, 2, true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockPool(2, 0, true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void integrityCheckNoticesAHolderTooMany() {
        BlockPool pool = new BlockPool(2, 2, true);
        pool.checkIntegrity(List.of());
        pool.allocateOrNone();
        assertThatThrownBy(() -> pool.checkIntegrity(List.of()))
                .hasMessage("block pool: holders of block 0: expected 0, found 1");
    }

    private static int[] take(BlockPool pool, int count) {
        int[] blocks = new int[count];
        Arrays.setAll(blocks, i -> pool.allocateOrNone());
        return blocks;
    }

    private static void assertCounts(BlockPool pool, int free, int used, int cached) {
        assertThat(pool.freeCount()).as("free").isEqualTo(free);
        assertThat(pool.usedCount()).as("used").isEqualTo(used);
        assertThat(pool.cachedCount()).as("cached").isEqualTo(cached);
        assertThat(pool.availableCount()).as("available").isEqualTo(free + cached);
    }
}
