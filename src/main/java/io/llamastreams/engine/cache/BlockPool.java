package io.llamastreams.engine.cache;

import java.util.List;

/**
 * The blocks of the KV memory: who holds them and what may be found in them again.
 *
 * <pre>
 *            allocate                      release, last holder
 *   FREE ------------------> USED (n holders) ----------------> FREE     tokens not indexed
 *                              ^   |
 *                      retain  |   | release, last holder                tokens indexed
 *                              |   v
 *   FREE <- - - evict - - -  CACHED  (least recently used goes first)
 * </pre>
 *
 * A free block is taken before a cached one is evicted; of the free ones the last freed goes first, so that memory never
 * touched stays untouched as long as it can. Sequences release their last block first, so a cached block is always evicted
 * before its parent. Having no block left is an answer, not an error. Engine thread only; allocates nothing after
 * construction.
 */
public final class BlockPool {
    /** No block. */
    public static final int NONE = -1;

    private final int blockCount;
    private final int blockTokens;
    private final PrefixIndex index;
    private final boolean prefixCache;
    private final int[] holders;
    private final int[] free;
    private int freeCount;
    private int usedCount;
    private int usedPeak;
    private long releases;
    private long evictions;

    // CACHED blocks: a ring through the entry blockCount, least recently used behind it
    private final int[] newer;
    private final int[] older;
    private int cachedCount;

    /**
     * A pool with all blocks free.
     *
     * @param blockTokens positions in one block
     * @param prefixCache whether blocks can be shared and found again by their tokens
     */
    public BlockPool(int blockCount, int blockTokens, boolean prefixCache) {
        if (blockCount < 1 || blockTokens < 1) {
            throw new IllegalArgumentException(
                    "block pool: expected at least one block of one token, found " + blockCount + " of " + blockTokens);
        }
        this.blockCount = blockCount;
        this.blockTokens = blockTokens;
        this.prefixCache = prefixCache;
        index = new PrefixIndex(prefixCache ? blockCount : 0, blockTokens);
        holders = new int[blockCount];
        free = new int[blockCount];
        for (int block = 0; block < blockCount; block++) {
            free[block] = blockCount - 1 - block;
        }
        freeCount = blockCount;
        newer = new int[blockCount + 1];
        older = new int[blockCount + 1];
        newer[blockCount] = blockCount;
        older[blockCount] = blockCount;
    }

    public int blockCount() {
        return blockCount;
    }

    public int blockTokens() {
        return blockTokens;
    }

    /** Whether blocks can be found again by their tokens. */
    public boolean sharesBlocks() {
        return prefixCache;
    }

    /** Blocks that this many tokens fill, the last perhaps in part. */
    public int blocksFor(int tokens) {
        return (tokens + blockTokens - 1) / blockTokens;
    }

    /** Blocks that can be allocated: free ones and cached ones. */
    public int availableCount() {
        return freeCount + cachedCount;
    }

    /** Blocks that hold nothing. */
    public int freeCount() {
        return freeCount;
    }

    /** Blocks with at least one holder. */
    public int usedCount() {
        return usedCount;
    }

    /** Blocks without a holder that can still be found by their tokens. */
    public int cachedCount() {
        return cachedCount;
    }

    /** Most blocks that ever had a holder at one time. */
    public int usedPeak() {
        return usedPeak;
    }

    /** How often a block lost its last holder; while this stands still, no room has come. */
    public long releases() {
        return releases;
    }

    /** How often a cached block was given away. */
    public long evictions() {
        return evictions;
    }

    /** How many hold this block. */
    public int holders(int block) {
        return holders[block];
    }

    /** Gives a block with one holder and nothing known in it, or {@link #NONE} if all are used. */
    public int allocateOrNone() {
        int block;
        if (freeCount > 0) {
            block = free[--freeCount];
        } else if (cachedCount > 0) {
            block = newer[blockCount];
            unlink(block);
            index.remove(block);
            evictions++;
        } else {
            return NONE;
        }
        hold(block);
        return block;
    }

    /** Adds a holder to a block that is used or cached. */
    public void retain(int block) {
        if (holders[block] == 0) {
            if (!isIndexed(block)) {
                throw new IllegalStateException("block " + block + " is free and cannot be shared");
            }
            unlink(block);
            hold(block);
        } else {
            holders[block]++;
        }
    }

    /** Takes a holder away. The last one leaves the block cached if it is indexed, else free. */
    public void release(int block) {
        if (holders[block] == 0) {
            throw new IllegalStateException("block " + block + " has no holder to release it");
        }
        if (--holders[block] > 0) {
            return;
        }
        usedCount--;
        releases++;
        if (isIndexed(block)) {
            linkNewest(block);
        } else {
            free[freeCount++] = block;
        }
    }

    /**
     * The used or cached block in which these tokens were computed after this parent, or {@link #NONE}. No holder is added.
     *
     * @param parent the block before, itself found or indexed here; NONE at the start of a sequence
     * @param tokens the block's tokens lie at offset to offset + blockTokens
     */
    public int find(int parent, int[] tokens, int offset) {
        return prefixCache ? index.find(parent, tokens, offset) : NONE;
    }

    /**
     * Makes a used, full and computed block known by its tokens. If an equal one is known, that one is given back with one
     * holder more, and the caller's block loses one: equal tokens after equal tokens have equal bits.
     *
     * @return the block to go on with
     */
    public int share(int block, int parent, int[] tokens, int offset) {
        if (!prefixCache) {
            return block;
        }
        int known = index.find(parent, tokens, offset);
        if (known == NONE) {
            index.put(block, parent, tokens, offset);
            return block;
        }
        retain(known);
        release(block);
        return known;
    }

    /**
     * Checks that free + used + cached = all, that holders add up and that the index fits.
     *
     * @param tables all tables that hold blocks of this pool
     * @throws IllegalStateException naming what does not fit
     */
    public void checkIntegrity(List<BlockTable> tables) {
        int[] expectedHolders = new int[blockCount];
        for (BlockTable table : tables) {
            for (int i = 0; i < table.count(); i++) {
                expectedHolders[table.blocks()[i]]++;
            }
        }
        int used = 0;
        for (int block = 0; block < blockCount; block++) {
            require(
                    holders[block] == expectedHolders[block],
                    "holders of block " + block,
                    expectedHolders[block],
                    holders[block]);
            used += holders[block] > 0 ? 1 : 0;
        }
        require(used == usedCount, "used blocks", used, usedCount);
        int cached = 0;
        for (int block = newer[blockCount]; block != blockCount; block = newer[block]) {
            require(older[newer[block]] == block && isIndexed(block), "cached list at block", block, block);
            require(holders[block] == 0, "holders of cached block " + block, 0, holders[block]);
            cached++;
        }
        require(cached == cachedCount, "cached blocks", cached, cachedCount);
        boolean[] seenFree = new boolean[blockCount];
        for (int i = 0; i < freeCount; i++) {
            int block = free[i];
            require(!seenFree[block] && holders[block] == 0, "free list at block", block, block);
            require(!isIndexed(block), "free block in the index", NONE, block);
            seenFree[block] = true;
        }
        require(freeCount + used + cached == blockCount, "free + used + cached", blockCount, freeCount + used + cached);
        index.checkIntegrity();
    }

    private static void require(boolean condition, String what, int expected, int found) {
        if (!condition) {
            throw new IllegalStateException("block pool: " + what + ": expected " + expected + ", found " + found);
        }
    }

    private boolean isIndexed(int block) {
        return prefixCache && index.contains(block);
    }

    private void hold(int block) {
        holders[block] = 1;
        usedCount++;
        usedPeak = Math.max(usedPeak, usedCount);
    }

    private void linkNewest(int block) {
        int last = older[blockCount];
        newer[last] = block;
        older[block] = last;
        newer[block] = blockCount;
        older[blockCount] = block;
        cachedCount++;
    }

    private void unlink(int block) {
        newer[older[block]] = newer[block];
        older[newer[block]] = older[block];
        cachedCount--;
    }
}
