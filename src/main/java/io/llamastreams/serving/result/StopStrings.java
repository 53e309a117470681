package io.llamastreams.serving.result;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/**
 * Finds any of several strings in a text that comes character by character. A state says how much of a stop string the text
 * ends with; each character costs constant time on average and no memory. Immutable, any thread.
 *
 * <p>Source: Aho and Corasick 1975, "Efficient string matching".
 */
public final class StopStrings {
    static final int START = 0;
    public static final StopStrings NONE = new StopStrings(List.of());

    private static final int ABSENT = -1;

    // A tree of the strings' beginnings; node 0 is the empty one. Children of a node are a linked list.
    private final char[] character;
    private final int[] firstChild;
    private final int[] nextSibling;
    private final int[] depth;
    private final int[] fallback;
    private final int[] matchLength;

    /** @param stops none of them empty */
    public StopStrings(List<String> stops) {
        int capacity = 1 + stops.stream().mapToInt(String::length).sum();
        character = new char[capacity];
        firstChild = new int[capacity];
        nextSibling = new int[capacity];
        depth = new int[capacity];
        fallback = new int[capacity];
        matchLength = new int[capacity];
        Arrays.fill(firstChild, ABSENT);
        int nodes = 1;
        for (String stop : stops) {
            nodes = insert(stop, nodes);
        }
        linkFallbacks();
    }

    /** The state after one more character. */
    int next(int state, char c) {
        int node = state;
        while (true) {
            int child = child(node, c);
            if (child != ABSENT) {
                return child;
            }
            if (node == START) {
                return START;
            }
            node = fallback[node];
        }
    }

    /** Characters at the end of the text that may yet become a stop string. */
    int pendingLength(int state) {
        return depth[state];
    }

    /** Length of the longest stop string that the text ends with; 0 if it ends with none. */
    int matchLength(int state) {
        return matchLength[state];
    }

    private int child(int node, char c) {
        int child = firstChild[node];
        while (child != ABSENT && character[child] != c) {
            child = nextSibling[child];
        }
        return child;
    }

    private int insert(String stop, int nodes) {
        int node = START;
        int count = nodes;
        for (int i = 0; i < stop.length(); i++) {
            int child = child(node, stop.charAt(i));
            if (child == ABSENT) {
                child = count++;
                character[child] = stop.charAt(i);
                depth[child] = i + 1;
                nextSibling[child] = firstChild[node];
                firstChild[node] = child;
            }
            node = child;
        }
        matchLength[node] = stop.length();
        return count;
    }

    /** Level by level: a node falls back to the longest proper end of its string that is a node too. */
    private void linkFallbacks() {
        ArrayDeque<Integer> nodes = new ArrayDeque<>();
        nodes.add(START);
        while (!nodes.isEmpty()) {
            int parent = nodes.remove();
            for (int node = firstChild[parent]; node != ABSENT; node = nextSibling[node]) {
                fallback[node] = parent == START ? START : next(fallback[parent], character[node]);
                matchLength[node] = Math.max(matchLength[node], matchLength[fallback[node]]);
                nodes.add(node);
            }
        }
    }
}
