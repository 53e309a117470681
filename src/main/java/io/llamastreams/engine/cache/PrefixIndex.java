package io.llamastreams.engine.cache;

import java.util.Arrays;

/**
 * Finds full blocks by the tokens that were computed into them.
 *
 * <p>A block is known by its parent (the block before it in the sequence, {@link BlockPool#NONE} for the first) and its own
 * tokens. The hash is chained from the parent's; on a hit parent and tokens are compared, so a collision costs time and
 * nothing else. A parent stays in the index as long as a child is in it.
 *
 * <pre>
 * slots   open addressing, linear probing, at most half full: block id + 1, 0 = empty
 * tokens  [blockCount, blockTokens]
 * </pre>
 *
 * Engine thread only. Allocates nothing after construction.
 */
final class PrefixIndex {
    private static final long ROOT_HASH = 0x9E3779B97F4A7C15L;

    private final int blockTokens;
    private final long hashMask;
    private final int[] slots;
    private final int slotMask;
    private final int[] tokens;
    private final long[] hashes;
    private final int[] parents;
    private final int[] children;
    private final boolean[] present;
    private int size;

    PrefixIndex(int blockCount, int blockTokens) {
        this(blockCount, blockTokens, -1L);
    }

    /**
     * For tests.
     *
     * @param hashMask bits of the hashes that are kept; with 0 all blocks collide
     */
    PrefixIndex(int blockCount, int blockTokens, long hashMask) {
        this.blockTokens = blockTokens;
        this.hashMask = hashMask;
        int slotCount = Integer.highestOneBit(Math.max(2, Math.multiplyExact(blockCount, 2)) - 1) << 1;
        slots = new int[slotCount];
        slotMask = slotCount - 1;
        tokens = new int[Math.multiplyExact(blockCount, blockTokens)];
        hashes = new long[blockCount];
        parents = new int[blockCount];
        children = new int[blockCount];
        present = new boolean[blockCount];
    }

    int size() {
        return size;
    }

    boolean contains(int block) {
        return present[block];
    }

    /**
     * The block that holds these tokens after this parent, or {@link BlockPool#NONE}.
     *
     * @param parent a block in the index, or NONE
     * @param source the block's tokens lie at offset to offset + blockTokens
     */
    int find(int parent, int[] source, int offset) {
        long hash = hash(parent, source, offset);
        for (int slot = slotOf(hash); slots[slot] != 0; slot = slot + 1 & slotMask) {
            int block = slots[slot] - 1;
            if (hashes[block] == hash && parents[block] == parent && holds(block, source, offset)) {
                return block;
            }
        }
        return BlockPool.NONE;
    }

    /** Adds a block that is not in the index and whose equal is not either. */
    void put(int block, int parent, int[] source, int offset) {
        if (present[block] || parent != BlockPool.NONE && !present[parent]) {
            throw new IllegalStateException("block " + block + " after " + parent + " cannot be indexed");
        }
        long hash = hash(parent, source, offset);
        hashes[block] = hash;
        parents[block] = parent;
        System.arraycopy(source, offset, tokens, block * blockTokens, blockTokens);
        present[block] = true;
        if (parent != BlockPool.NONE) {
            children[parent]++;
        }
        int slot = slotOf(hash);
        while (slots[slot] != 0) {
            slot = slot + 1 & slotMask;
        }
        slots[slot] = block + 1;
        size++;
    }

    /** Takes a block out; it must have no children left. */
    void remove(int block) {
        if (!present[block] || children[block] != 0) {
            throw new IllegalStateException("block " + block + " with " + children[block] + " children cannot go");
        }
        present[block] = false;
        if (parents[block] != BlockPool.NONE) {
            children[parents[block]]--;
        }
        int slot = slotOf(hashes[block]);
        while (slots[slot] != block + 1) {
            slot = slot + 1 & slotMask;
        }
        closeGap(slot);
        size--;
    }

    /** Empties a slot and moves later entries of the same run up, so that no search stops short. */
    private void closeGap(int gap) {
        for (int slot = gap + 1 & slotMask; slots[slot] != 0; slot = slot + 1 & slotMask) {
            int home = slotOf(hashes[slots[slot] - 1]);
            if ((slot - home & slotMask) >= (slot - gap & slotMask)) {
                slots[gap] = slots[slot];
                gap = slot;
            }
        }
        slots[gap] = 0;
    }

    /** Checks that entries, parents and children fit together. */
    void checkIntegrity() {
        int[] expectedChildren = new int[children.length];
        int count = 0;
        for (int block = 0; block < present.length; block++) {
            if (!present[block]) {
                continue;
            }
            count++;
            int parent = parents[block];
            if (parent != BlockPool.NONE) {
                require(present[parent], "parent of an indexed block is not indexed", block);
                expectedChildren[parent]++;
            }
            int found = find(parent, tokens, block * blockTokens);
            require(found == block, "indexed block is not found by its tokens", block);
        }
        for (int block = 0; block < children.length; block++) {
            if (present[block]) {
                require(children[block] == expectedChildren[block], "count of children is wrong", block);
            }
        }
        int filled = (int) Arrays.stream(slots).filter(entry -> entry != 0).count();
        require(count == size && filled == size, "size " + size + " but " + count + " entries, slots " + filled, -1);
    }

    private static void require(boolean condition, String what, int block) {
        if (!condition) {
            throw new IllegalStateException("prefix index: " + what + ", block " + block);
        }
    }

    private boolean holds(int block, int[] source, int offset) {
        int start = block * blockTokens;
        return Arrays.equals(tokens, start, start + blockTokens, source, offset, offset + blockTokens);
    }

    private long hash(int parent, int[] source, int offset) {
        long hash = parent == BlockPool.NONE ? ROOT_HASH : hashes[parent];
        for (int i = offset; i < offset + blockTokens; i++) {
            hash = Long.rotateLeft((hash ^ source[i]) * 0xBF58476D1CE4E5B9L, 29);
        }
        return (hash ^ hash >>> 32) * 0x94D049BB133111EBL & hashMask;
    }

    private int slotOf(long hash) {
        return (int) (hash >>> 32) & slotMask;
    }
}
