package io.llamastreams.engine.cache;

import java.util.Arrays;

/**
 * The blocks of one sequence, by {@code position / blockTokens}. Every entry is held once in the pool until
 * {@link #releaseAll}. Engine thread only.
 */
public final class BlockTable {
    private static final int[] EMPTY = {};

    private final BlockPool pool;
    private int[] blocks = EMPTY;
    private int count;
    private int sharedCount;

    public BlockTable(BlockPool pool) {
        this.pool = pool;
    }

    /** Block ids, at least {@link #count} of them; another array after the table has grown. */
    public int[] blocks() {
        return blocks;
    }

    public int count() {
        return count;
    }

    /**
     * Takes blocks for the first tokens of a sequence that holds none: those of a prefix that is computed already, and fresh
     * ones for the rest. All or nothing.
     *
     * @param tokens known tokens of the sequence
     * @param tokenCount how many
     * @param skippable most tokens that need not be computed, since nothing is wanted of them but keys and values; fewer than
     *     {@code tokenCount}
     * @param spareBlocks blocks that must stay available for others
     * @return how many tokens are computed already; {@link BlockPool#NONE} if there is no room
     */
    public int openOrNone(int[] tokens, int tokenCount, int skippable, int spareBlocks) {
        int needed = pool.blocksFor(tokenCount);
        ensureCapacity(needed);
        int found = 0;
        int idleFound = 0;
        int parent = BlockPool.NONE;
        for (int limit = skippable / pool.blockTokens(); found < limit; found++) {
            int block = pool.find(parent, tokens, found * pool.blockTokens());
            if (block == BlockPool.NONE) {
                break;
            }
            idleFound += pool.holders(block) == 0 ? 1 : 0;
            blocks[found] = block;
            parent = block;
        }
        if (pool.availableCount() - idleFound - spareBlocks < needed - found) {
            return BlockPool.NONE;
        }
        // holders first: what was found must not be evicted for the rest
        for (int i = 0; i < found; i++) {
            pool.retain(blocks[i]);
        }
        for (int i = found; i < needed; i++) {
            blocks[i] = pool.allocateOrNone();
        }
        count = needed;
        sharedCount = found;
        return found * pool.blockTokens();
    }

    /** Takes further blocks if this many tokens need them; false, with nothing changed, if there are too few. */
    public boolean maybeGrow(int tokenCount) {
        return maybeGrow(tokenCount, 0);
    }

    /** As the shorter form, if so many blocks stay available for others. */
    public boolean maybeGrow(int tokenCount, int spareBlocks) {
        int needed = pool.blocksFor(tokenCount);
        if (needed <= count) {
            return true;
        }
        if (needed - count > pool.availableCount() - spareBlocks) {
            return false;
        }
        ensureCapacity(needed);
        while (count < needed) {
            blocks[count++] = pool.allocateOrNone();
        }
        return true;
    }

    /**
     * Takes the blocks of another table for the tokens that are computed in it; this one holds none. The last block, if it is
     * not full, is shared as well until one of its holders writes: see {@link #ownOrNone}.
     */
    public void fork(BlockTable other, int computed) {
        int needed = pool.blocksFor(computed);
        ensureCapacity(needed);
        for (int i = 0; i < needed; i++) {
            blocks[i] = other.blocks[i];
            pool.retain(blocks[i]);
        }
        count = needed;
        sharedCount = other.sharedCount;
    }

    /** Id of the block of this position. */
    public int blockAt(int position) {
        return blocks[position / pool.blockTokens()];
    }

    /** Whether the block of this position has other holders who must not see it change. */
    public boolean isForeign(int position) {
        int index = position / pool.blockTokens();
        return index >= sharedCount && index < count && pool.holders(blocks[index]) > 1;
    }

    /**
     * Puts a fresh block in the place of one that others hold too, before it is written: copy on write.
     *
     * @return the fresh block, into which the old one is still to be copied; {@link BlockPool#NONE}, with nothing changed, if
     *     there is none
     */
    public int ownOrNone(int position) {
        int block = pool.allocateOrNone();
        if (block != BlockPool.NONE) {
            int index = position / pool.blockTokens();
            pool.release(blocks[index]);
            blocks[index] = block;
        }
        return block;
    }

    /**
     * Replaces blocks that are about to be computed by equal ones that others computed in the meantime.
     *
     * @param skippable most tokens that need not be computed
     * @param computed tokens computed so far
     * @return tokens computed then
     */
    public int adopt(int[] tokens, int skippable, int computed) {
        int blockTokens = pool.blockTokens();
        while (computed == sharedCount * blockTokens && computed + blockTokens <= skippable) {
            int block = pool.find(parentOf(sharedCount), tokens, computed);
            if (block == BlockPool.NONE) {
                break;
            }
            pool.retain(block);
            pool.release(blocks[sharedCount]);
            blocks[sharedCount++] = block;
            computed += blockTokens;
        }
        return computed;
    }

    /** Makes the blocks that are full and computed known to others; an own one may be replaced by an equal one. */
    public void share(int[] tokens, int computed) {
        int full = computed / pool.blockTokens();
        while (sharedCount < full) {
            blocks[sharedCount] =
                    pool.share(blocks[sharedCount], parentOf(sharedCount), tokens, sharedCount * pool.blockTokens());
            sharedCount++;
        }
    }

    /** Gives all blocks back, the last first, so that the start of a prefix outlives its end in the cache. */
    public void releaseAll() {
        while (count > 0) {
            pool.release(blocks[--count]);
        }
        sharedCount = 0;
    }

    /**
     * Whether another table is about to compute the very block that this one needs next, so that it can be adopted then.
     *
     * @param tokens of this table's sequence
     * @param skippable most of them that need not be computed
     * @param otherTokens of the other's, {@code otherKnown} of them
     */
    public boolean waitsFor(int[] tokens, int skippable, BlockTable other, int[] otherTokens, int otherKnown) {
        int blockTokens = pool.blockTokens();
        int from = sharedCount * blockTokens;
        return pool.sharesBlocks()
                && sharedCount == other.sharedCount
                && from + blockTokens <= skippable
                && from + blockTokens <= otherKnown
                && parentOf(sharedCount) == other.parentOf(sharedCount)
                && Arrays.equals(tokens, from, from + blockTokens, otherTokens, from, from + blockTokens);
    }

    private int parentOf(int blockIndex) {
        return blockIndex == 0 ? BlockPool.NONE : blocks[blockIndex - 1];
    }

    private void ensureCapacity(int wanted) {
        if (wanted > blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(wanted + 1, wanted + wanted / 2));
        }
    }
}
