package io.llamastreams.engine.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {

    @Test
    void readsTokensAtAnOffsetAndComparesAllOfThem() {
        PrefixIndex index = new PrefixIndex(4, 3);
        index.put(0, BlockPool.NONE, new int[] {9, 1, 2, 3, 9}, 1);
        assertThat(index.find(BlockPool.NONE, new int[] {1, 2, 3}, 0)).isZero();
        assertThat(index.find(BlockPool.NONE, new int[] {1, 2, 4}, 0)).isEqualTo(BlockPool.NONE);
        assertThat(index.find(BlockPool.NONE, new int[] {0, 2, 3}, 0)).isEqualTo(BlockPool.NONE);
    }

    @Test
    void keepsParentsWhileTheirChildrenAreThere() {
        PrefixIndex index = new PrefixIndex(4, 1);
        index.put(2, BlockPool.NONE, new int[] {7}, 0);
        index.put(3, 2, new int[] {8}, 0);
        assertThatThrownBy(() -> index.remove(2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> index.put(3, 2, new int[] {9}, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> index.put(0, 1, new int[] {9}, 0)).isInstanceOf(IllegalStateException.class);
        index.remove(3);
        index.remove(2);
        assertThat(index.size()).isZero();
        assertThat(index.find(BlockPool.NONE, new int[] {7}, 0)).isEqualTo(BlockPool.NONE);
    }

    /** Few tokens, a full table, and hashes that collide: long runs of slots, wrapped around the end, with gaps in them. */
    @Test
    void agreesWithAMapOverRandomPutsAndRemovals() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int blockCount = 1 + random.nextInt(40);
            long hashMask = seed % 2 == 0 ? -1L : seed % 4 == 1 ? 0 : 3L << 35;
            PrefixIndex index = new PrefixIndex(blockCount, 2, hashMask);
            Map<List<Integer>, Integer> expected = new HashMap<>();
            List<List<Integer>> keys = new ArrayList<>();
            for (int block = 0; block < blockCount; block++) {
                keys.add(null);
            }
            for (int action = 0; action < 400; action++) {
                int block = random.nextInt(blockCount);
                if (keys.get(block) != null) {
                    int parent = block;
                    if (keys.stream().noneMatch(key -> key != null && key.get(0) == parent)) {
                        index.remove(block);
                        expected.remove(keys.set(block, null));
                    }
                } else {
                    int parent = random.nextInt(blockCount + 1) - 1;
                    int[] tokens = {random.nextInt(3), random.nextInt(3)};
                    List<Integer> key = List.of(parent, tokens[0], tokens[1]);
                    boolean fits = parent == BlockPool.NONE || keys.get(parent) != null;
                    if (fits && !expected.containsKey(key)) {
                        index.put(block, parent, tokens, 0);
                        keys.set(block, key);
                        expected.put(key, block);
                    }
                }
                index.checkIntegrity();
                assertThat(index.size()).as("seed %d", seed).isEqualTo(expected.size());
            }
            for (int parent = -1; parent < blockCount; parent++) {
                for (int tokens = 0; tokens < 9 && (parent < 0 || keys.get(parent) != null); tokens++) {
                    List<Integer> key = List.of(parent, tokens / 3, tokens % 3);
                    assertThat(index.find(parent, new int[] {tokens / 3, tokens % 3}, 0))
                            .as("seed %d, %s", seed, key)
                            .isEqualTo(expected.getOrDefault(key, BlockPool.NONE));
                }
            }
        }
    }
}
