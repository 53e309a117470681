package io.llamastreams.grammar.mask;

import io.llamastreams.grammar.rule.Expression;

/**
 * The rules of a grammar as nodes with transitions: by a byte to another node, by a call to the start of a rule with a node
 * to go on from when the rule's text is whole. Nodes at which a rule's text is whole accept. Immutable; any thread.
 *
 * <pre>
 * ordinary nodes   0 to ordinaryCount: a row of targets each, by class of byte
 * counted strings  above: block base + (count << bits) + place, where count characters are whole and place is the node
 *                  inside of the next one; their transitions are computed, so that a limit of a million costs nothing
 * </pre>
 */
public final class RuleAutomaton {
    static final int NONE = -1;
    public static final int INFINITE = Integer.MAX_VALUE / 4;

    /** What a node does on the way to the shortest end: the call with this number, or one of these. */
    static final int BY_BYTE = -1;

    static final int BY_ACCEPTING = -2;

    private final int[] classes;
    private final int classCount;
    private final int ordinaryCount;
    private final int[] targets;
    private final boolean[] accepting;
    private final boolean[] takesBytes;
    private final int[][] callees;
    private final int[][] returns;
    private final int[] fewest;
    private final int[] cheapest;
    private final CountedBlock[] blocks;

    /** By ordinary node: groups of bytes that lead from it to itself. */
    private final long[] idleGroups;

    /** By block: groups of bytes that are characters by themselves. */
    private final long[] characterGroups;

    /**
     * The nodes of a JSON string whose characters are counted.
     *
     * @param base number of its first node
     * @param characterStart first of the nodes of one character, which stand in a row
     * @param bits of the number of a node of one character
     * @param characterEnd the one of them that accepts; it stands for the first node of the next character
     * @param end ordinary node behind the closing quotation mark
     */
    record CountedBlock(int base, int characterStart, int bits, int characterEnd, int min, int max, int end) {
        long size() {
            long counts = 1L + (max == Expression.UNBOUNDED ? min : max);
            return counts << bits;
        }

        int count(int node) {
            return node - base >> bits;
        }

        /** Where inside of a character a node stands; at 0 none is begun. */
        int place(int node) {
            return node - base & (1 << bits) - 1;
        }
    }

    /** All arrays are kept, not copied; those by node have a place for each ordinary node. */
    RuleAutomaton(
            int[] classes,
            int classCount,
            int[] targets,
            boolean[] accepting,
            int[][] callees,
            int[][] returns,
            int[] fewest,
            int[] cheapest,
            CountedBlock[] blocks) {
        this.classes = classes;
        this.classCount = classCount;
        this.targets = targets;
        this.accepting = accepting;
        this.callees = callees;
        this.returns = returns;
        this.fewest = fewest;
        this.cheapest = cheapest;
        this.blocks = blocks;
        ordinaryCount = accepting.length;
        takesBytes = new boolean[ordinaryCount];
        for (int i = 0; i < targets.length; i++) {
            takesBytes[i / classCount] |= targets[i] != NONE;
        }
        idleGroups = new long[ordinaryCount];
        for (int i = 0; i < targets.length; i++) {
            int node = i / classCount;
            if (targets[i] == node && idleGroups[node] == 0) {
                idleGroups[node] = groupsThatLead(node, node);
            }
        }
        characterGroups = new long[blocks.length];
        for (int block = 0; block < blocks.length; block++) {
            characterGroups[block] = groupsThatLead(blocks[block].characterStart, blocks[block].characterEnd);
        }
    }

    /** Groups of which all bytes lead from a node to another. */
    private long groupsThatLead(int from, int to) {
        long others = 0;
        for (int value = 0; value < classes.length; value++) {
            if (targets[from * classCount + classes[value]] != to) {
                others |= ByteTrie.group(value);
            }
        }
        return ~others;
    }

    /** Start of the whole text. */
    int root() {
        return 0;
    }

    public int classCount() {
        return classCount;
    }

    /** Bytes of a class lead everywhere to the same nodes. */
    int classOf(byte value) {
        return classes[value & 0xFF];
    }

    boolean takesBytes(int node) {
        return node >= ordinaryCount || takesBytes[node];
    }

    boolean accepts(int node) {
        return node < ordinaryCount && accepting[node];
    }

    int callCount(int node) {
        return node < ordinaryCount ? callees[node].length : 0;
    }

    /** Start of the rule that a node calls. */
    int callee(int node, int call) {
        return callees[node][call];
    }

    /** Where a call goes on. */
    int returnOf(int node, int call) {
        return returns[node][call];
    }

    /** Whether a node does nothing but accept, so that no call need come back to it. */
    boolean isLast(int node) {
        return node < ordinaryCount && accepting[node] && !takesBytes[node] && callees[node].length == 0;
    }

    /** Whether a node does nothing but take bytes. */
    boolean isPlain(int node) {
        return node >= ordinaryCount || takesBytes[node] && !accepting[node] && callees[node].length == 0;
    }

    /**
     * Groups of bytes that may follow on a node without any other change than of a count, as often as {@link #idleBytes} says.
     *
     * @return bits of {@link ByteTrie#group}
     */
    long idleGroups(int node) {
        if (node < ordinaryCount) {
            return idleGroups[node];
        }
        int block = indexOfBlock(node);
        boolean isFree = blocks[block].place(node) == 0 && blocks[block].count(node) >= blocks[block].min;
        return isFree ? characterGroups[block] : 0;
    }

    /** How many of such bytes may follow on each other. */
    int idleBytes(int node) {
        if (node < ordinaryCount) {
            return Integer.MAX_VALUE;
        }
        CountedBlock block = blockOf(node);
        return block.max == Expression.UNBOUNDED ? Integer.MAX_VALUE : block.max - block.count(node);
    }

    /** The node that a byte of a class leads to, or {@link #NONE}. */
    int target(int node, int byteClass) {
        return node < ordinaryCount ? targets[node * classCount + byteClass] : countedTarget(node, byteClass);
    }

    /** Bytes of the shortest way to accept from a node. */
    int fewest(int node) {
        if (node < ordinaryCount) {
            return fewest[node];
        }
        CountedBlock block = blockOf(node);
        int count = block.count(node);
        int place = block.place(node);
        int missing = Math.max(0, block.min - count - (place > 0 ? 1 : 0));
        long inside = place > 0 ? fewest[block.characterStart + place] : 0;
        return (int) Math.min(INFINITE, inside + (long) missing * fewest[block.characterStart] + 1);
    }

    /** Number of a call, {@link #BY_BYTE} or {@link #BY_ACCEPTING}: what leads to the shortest end, which always comes. */
    int cheapest(int node) {
        return node < ordinaryCount ? cheapest[node] : BY_BYTE;
    }

    /**
     * A node from which texts of at most so many bytes go as from this one; the same for many nodes of a counted string.
     */
    int representative(int node, int bytes) {
        if (node < ordinaryCount) {
            return node;
        }
        CountedBlock block = blockOf(node);
        int count = block.count(node);
        boolean isFarFromMax = block.max == Expression.UNBOUNDED || block.max - count > bytes;
        int alike = count;
        if (isFarFromMax && count >= block.min) {
            alike = block.min;
        } else if (isFarFromMax && block.min - count > bytes) {
            alike = 0;
        }
        return node - (count - alike << block.bits);
    }

    private int countedTarget(int node, int byteClass) {
        CountedBlock block = blockOf(node);
        int count = block.count(node);
        int place = block.place(node);
        if (place == 0) {
            if (count >= block.min && byteClass == classes['"']) {
                return block.end;
            }
            if (count == block.max) {
                return NONE;
            }
        }
        int inside = targets[(block.characterStart + place) * classCount + byteClass];
        if (inside == NONE) {
            return NONE;
        }
        int next = block.base + (count << block.bits);
        if (inside != block.characterEnd) {
            return next + inside - block.characterStart;
        }
        return block.max == Expression.UNBOUNDED && count == block.min ? next : next + (1 << block.bits);
    }

    private CountedBlock blockOf(int node) {
        return blocks[indexOfBlock(node)];
    }

    private int indexOfBlock(int node) {
        int low = 0;
        int high = blocks.length - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (blocks[middle].base <= node) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
