package io.llamastreams.grammar.rule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An {@link Expression.Graph} under construction, its nodes known by names. */
public final class GraphBuilder {
    public static final int START = Expression.Graph.START;
    public static final int END = Expression.Graph.END;

    private final Map<String, Integer> nodes = new HashMap<>();
    private final List<Expression.Graph.Edge> edges = new ArrayList<>();

    public int node(String name) {
        return nodes.computeIfAbsent(name, n -> 2 + nodes.size());
    }

    public void add(int from, Expression label, int to) {
        edges.add(new Expression.Graph.Edge(from, label, to));
    }

    public Expression build() {
        return new Expression.Graph(2 + nodes.size(), edges);
    }
}
