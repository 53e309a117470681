package io.llamastreams.grammar.mask;

import java.util.Arrays;

/**
 * Tokens by their bytes as a tree, its nodes in the order in which a walk meets them, so that a walk is a loop and a branch is
 * skipped by a jump. Immutable; any thread.
 */
final class ByteTrie {
    private final byte[] labels;
    private final int[] depths;
    private final int[] ends;
    private final int[] firstTokens;
    private final int[] tokens;
    private final long[] groups;
    private final byte[] heights;
    private final int maxDepth;

    /** @param pieces bytes by token; tokens without bytes are left out */
    ByteTrie(byte[][] pieces) {
        Integer[] order = new Integer[pieces.length];
        Arrays.setAll(order, id -> id);
        Arrays.sort(order, (a, b) -> {
            int byBytes = Arrays.compareUnsigned(pieces[a], pieces[b]);
            return byBytes != 0 ? byBytes : Integer.compare(a, b);
        });
        int total = Arrays.stream(pieces).mapToInt(piece -> piece.length).sum();
        byte[] foundLabels = new byte[total];
        int[] foundDepths = new int[total];
        int[] foundFirst = new int[total + 1];
        int[] foundTokens = new int[pieces.length];
        int nodeCount = 0;
        int tokenCount = 0;
        byte[] before = new byte[0];
        for (int id : order) {
            byte[] piece = pieces[id];
            if (piece.length == 0) {
                continue;
            }
            int shared = Arrays.mismatch(before, piece);
            for (int depth = shared < 0 ? piece.length : shared; depth < piece.length; depth++) {
                foundLabels[nodeCount] = piece[depth];
                foundDepths[nodeCount] = depth + 1;
                foundFirst[nodeCount++] = tokenCount;
            }
            foundTokens[tokenCount++] = id;
            before = piece;
        }
        foundFirst[nodeCount] = tokenCount;
        labels = Arrays.copyOf(foundLabels, nodeCount);
        depths = Arrays.copyOf(foundDepths, nodeCount);
        firstTokens = Arrays.copyOf(foundFirst, nodeCount + 1);
        tokens = Arrays.copyOf(foundTokens, tokenCount);
        ends = ends(depths);
        groups = groups(labels, ends);
        heights = heights(depths, ends);
        maxDepth = Arrays.stream(depths).max().orElse(0);
    }

    private static int[] ends(int[] depths) {
        int[] ends = new int[depths.length];
        int[] open = new int[depths.length + 1];
        int openCount = 0;
        for (int node = 0; node < depths.length; node++) {
            while (openCount > 0 && depths[open[openCount - 1]] >= depths[node]) {
                ends[open[--openCount]] = node;
            }
            open[openCount++] = node;
        }
        while (openCount > 0) {
            ends[open[--openCount]] = depths.length;
        }
        return ends;
    }

    /** The bit of the four neighbouring bytes that a byte is one of. */
    static long group(int value) {
        return 1L << (value >> 2);
    }

    private static long[] groups(byte[] labels, int[] ends) {
        long[] groups = new long[labels.length];
        for (int node = labels.length - 1; node >= 0; node--) {
            groups[node] = group(labels[node] & 0xFF);
            for (int child = node + 1; child < ends[node]; child = ends[child]) {
                groups[node] |= groups[child];
            }
        }
        return groups;
    }

    private static byte[] heights(int[] depths, int[] ends) {
        byte[] heights = new byte[depths.length];
        for (int node = depths.length - 1; node >= 0; node--) {
            int height = 1;
            for (int child = node + 1; child < ends[node]; child = ends[child]) {
                height = Math.max(height, 1 + (heights[child] & 0xFF));
            }
            heights[node] = (byte) Math.min(height, 0xFF);
        }
        return heights;
    }

    int nodeCount() {
        return labels.length;
    }

    /** Last byte of the path to a node. */
    byte label(int node) {
        return labels[node];
    }

    /** Bytes of the path to a node, from 1. */
    int depth(int node) {
        return depths[node];
    }

    /** The first node behind those below a node. */
    int end(int node) {
        return ends[node];
    }

    /** Groups of the label and of all labels below. */
    long groups(int node) {
        return groups[node];
    }

    /** Bytes of the longest way down, that of the label among them; 255 stands for all above too. */
    int height(int node) {
        return heights[node] & 0xFF;
    }

    /**
     * Tokens of a node lie from {@code firstToken(node)} to before {@code firstToken(node + 1)}, those below it behind them, to
     * before {@code firstToken(end(node))}.
     */
    int firstToken(int node) {
        return firstTokens[node];
    }

    int token(int index) {
        return tokens[index];
    }

    /** Bytes of the longest token. */
    int maxDepth() {
        return maxDepth;
    }
}
