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
     * ones for the rest. At least the last token stays to be computed. All or nothing.
     *
     * @param tokens known tokens of the sequence
     * @param tokenCount how many
     * @param spareBlocks blocks that must stay available for others
     * @return how many tokens are computed already; {@link BlockPool#NONE} if there is no room
     */
    public int openOrNone(int[] tokens, int tokenCount, int spareBlocks) {
        int needed = pool.blocksFor(tokenCount);
        ensureCapacity(needed);
        int found = 0;
        int idleFound = 0;
        int parent = BlockPool.NONE;
        for (int limit = (tokenCount - 1) / pool.blockTokens(); found < limit; found++) {
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

    /** Takes a further block if this many tokens need one; false, with nothing changed, if there is none. */
    public boolean maybeGrow(int tokenCount) {
        int needed = pool.blocksFor(tokenCount);
        if (needed <= count) {
            return true;
        }
        if (needed != count + 1) {
            throw new IllegalStateException("block table: expected to grow by one, found " + count + " to " + needed);
        }
        int block = pool.allocateOrNone();
        if (block == BlockPool.NONE) {
            return false;
        }
        ensureCapacity(needed);
        blocks[count++] = block;
        return true;
    }

    /**
     * Replaces blocks that are about to be computed by equal ones that others computed in the meantime. At least the last
     * known token stays to be computed.
     *
     * @param computed tokens computed so far
     * @return tokens computed then
     */
    public int adopt(int[] tokens, int known, int computed) {
        int blockTokens = pool.blockTokens();
        while (computed == sharedCount * blockTokens && computed + blockTokens < known) {
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

    private int parentOf(int blockIndex) {
        return blockIndex == 0 ? BlockPool.NONE : blocks[blockIndex - 1];
    }

    private void ensureCapacity(int wanted) {
        if (wanted > blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(wanted + 1, wanted + wanted / 2));
        }
    }
}
