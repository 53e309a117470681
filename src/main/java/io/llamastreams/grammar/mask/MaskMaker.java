package io.llamastreams.grammar.mask;

import java.util.Arrays;

/**
 * Makes masks by walking the vocabulary's tree with sets of stacks. What fits behind a node whatever lies below it is worked
 * out once per node and serves all places with that node on top; source of the idea: Dong et al., XGrammar, 2024. Any thread.
 */
public final class MaskMaker {
    private final StackMachine machine;
    private final StateCache cache;
    private final TokenBytes tokens;
    private final ByteTrie trie;

    public MaskMaker(StackMachine machine, TokenBytes tokens) {
        this.machine = machine;
        this.tokens = tokens;
        cache = machine.cache();
        trie = tokens.inside();
    }

    /** What fits a place, with all the tokens in the world left. */
    public TokenSet mask(StackSet set) {
        if (set.size() == 0) {
            return make(set);
        }
        TokenSet known = cache.mask(set);
        if (known == null) {
            known = make(set);
            cache.remember(set, known);
        }
        return known;
    }

    private TokenSet make(StackSet set) {
        long[] bits = new long[tokens.maskLength()];
        long needed = 0;
        for (int i = 0; i < set.size(); i++) {
            NodeMask nodeMask = nodeMask(set.node(i));
            nodeMask.inside().addTo(bits);
            long before =
                    (long) machine.automaton().fewest(set.node(i)) + set.rest(i).fewest();
            needed = Math.max(needed, before + nodeMask.inside().neededBytes());
            needed = Math.max(needed, addOutside(set, nodeMask, bits));
        }
        if (set.isWhole()) {
            bits[tokens.eosId() >> 6] |= 1L << tokens.eosId();
        }
        return TokenSet.of(bits, (int) Math.min(needed, RuleAutomaton.INFINITE));
    }

    /** Walks over the tokens that may leave the rule of a node; returns the bytes that are needed behind one at most. */
    private int addOutside(StackSet set, NodeMask nodeMask, long[] bits) {
        byte[] labels = nodeMask.labels();
        StackSet[] path = new StackSet[trie.maxDepth() + 1];
        path[0] = set;
        int needed = 0;
        for (int node = 0; node < labels.length; ) {
            int depth = nodeMask.depths()[node];
            StackSet at = machine.next(path[depth - 1], labels[node]);
            if (at.isDead()) {
                node = nodeMask.ends()[node];
                continue;
            }
            path[depth] = at;
            int trieNode = nodeMask.trieNodes()[node];
            if (trieNode >= 0) {
                add(trie, trieNode, bits);
                needed = Math.max(needed, at.fewest());
            }
            node++;
        }
        return needed;
    }

    private NodeMask nodeMask(int node) {
        StackSet alone = machine.alone(machine.automaton().representative(node, trie.maxDepth()));
        NodeMask known = cache.nodeMask(alone);
        if (known == null) {
            known = new NodeWalk(alone).run();
            cache.remember(alone, known);
        }
        return known;
    }

    /** One walk over the whole vocabulary from a node alone, at which what is below is not known. */
    private final class NodeWalk {
        private final TriePath path;

        /** By depth: whether the rule's text may have ended at some byte before. */
        private final boolean[] mayHaveLeft = new boolean[trie.maxDepth() + 1];

        /** By depth: node of the path, and whether it is in the list of those that leave. */
        private final int[] pathNodes = new int[trie.maxDepth() + 1];

        private int listedDepth;
        private final long[] bits = new long[tokens.maskLength()];
        private int[] leaving = new int[16];
        private int[] leavingTrieNodes = new int[16];
        private int leavingCount;

        NodeWalk(StackSet alone) {
            path = new TriePath(machine, alone, trie.maxDepth());
        }

        NodeMask run() {
            int before = path.fewest(0);
            int longer = 0;
            for (int node = 0; node < trie.nodeCount(); ) {
                int depth = trie.depth(node);
                if (path.isIdle(depth - 1, trie.groups(node), trie.height(node))) {
                    // no byte of the branch changes anything: all its tokens fit as nothing at all would
                    add(trie, trie.firstToken(node), trie.firstToken(trie.end(node)), bits);
                    node = trie.end(node);
                    continue;
                }
                boolean left = mayHaveLeft[depth - 1] || depth > 1 && path.isWhole(depth - 1);
                boolean fits = path.advance(depth, trie.label(node));
                if (!fits && !left) {
                    node = trie.end(node);
                    continue;
                }
                mayHaveLeft[depth] = left;
                pathNodes[depth] = node;
                listedDepth = Math.min(listedDepth, depth - 1);
                if (fits) {
                    add(trie, node, bits);
                    longer = Math.max(longer, path.fewest(depth) - before);
                } else if (trie.firstToken(node) < trie.firstToken(node + 1)) {
                    list(depth);
                }
                node++;
            }
            return nodeMask(longer);
        }

        /** Puts the node of the path at a depth, and what leads to it, on the list. */
        private void list(int depth) {
            while (listedDepth < depth) {
                listedDepth++;
                if (leavingCount == leaving.length) {
                    leaving = Arrays.copyOf(leaving, 2 * leavingCount);
                    leavingTrieNodes = Arrays.copyOf(leavingTrieNodes, 2 * leavingCount);
                }
                leaving[leavingCount] = pathNodes[listedDepth];
                leavingTrieNodes[leavingCount++] = listedDepth == depth ? pathNodes[listedDepth] : -1;
            }
        }

        private NodeMask nodeMask(int longer) {
            byte[] labels = new byte[leavingCount];
            int[] depths = new int[leavingCount];
            int[] ends = new int[leavingCount];
            for (int i = leavingCount - 1; i >= 0; i--) {
                labels[i] = trie.label(leaving[i]);
                depths[i] = trie.depth(leaving[i]);
                ends[i] = i + 1;
                while (ends[i] < leavingCount && leaving[ends[i]] < trie.end(leaving[i])) {
                    ends[i] = ends[ends[i]];
                }
            }
            int[] trieNodes = Arrays.copyOf(leavingTrieNodes, leavingCount);
            return new NodeMask(TokenSet.of(bits, longer), labels, depths, ends, trieNodes);
        }
    }

    /**
     * What fits a place if no more than so many bytes may be needed behind the token; EOS is not among it.
     *
     * @param trie the tree of all tokens or that of first ones
     */
    public long[] within(StackSet set, ByteTrie trie, int maxBytes) {
        long[] bits = new long[tokens.maskLength()];
        walk(set, trie, (from, to, fewest) -> {
            if (fewest <= maxBytes) {
                add(trie, from, to, bits);
            }
        });
        return bits;
    }

    /** The least bytes that are needed behind a token; {@link RuleAutomaton#INFINITE} if none fits. */
    public int leastBehind(StackSet set, ByteTrie trie) {
        int[] least = {RuleAutomaton.INFINITE};
        walk(set, trie, (from, to, fewest) -> {
            if (from < to) {
                least[0] = Math.min(least[0], fewest);
            }
        });
        return least[0];
    }

    private interface Visitor {
        /** Tokens of the tree from one to before another fit, with so many bytes needed behind each. */
        void visit(int from, int to, int fewest);
    }

    private void walk(StackSet set, ByteTrie trie, Visitor visitor) {
        TriePath path = new TriePath(machine, set, trie.maxDepth());
        for (int node = 0; node < trie.nodeCount(); ) {
            int depth = trie.depth(node);
            int end = trie.end(node);
            if (path.isIdle(depth - 1, trie.groups(node), trie.height(node))) {
                visitor.visit(trie.firstToken(node), trie.firstToken(end), path.fewest(depth - 1));
                node = end;
            } else if (path.advance(depth, trie.label(node))) {
                visitor.visit(trie.firstToken(node), trie.firstToken(node + 1), path.fewest(depth));
                node++;
            } else {
                node = end;
            }
        }
    }

    private static void add(ByteTrie trie, int node, long[] bits) {
        add(trie, trie.firstToken(node), trie.firstToken(node + 1), bits);
    }

    private static void add(ByteTrie trie, int from, int to, long[] bits) {
        for (int i = from; i < to; i++) {
            int token = trie.token(i);
            bits[token >> 6] |= 1L << token;
        }
    }
}
