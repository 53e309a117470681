package io.llamastreams.grammar;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An {@link Expression.Graph} under construction, its nodes known by names. */
final class GraphBuilder {
    static final int START = Expression.Graph.START;
    static final int END = Expression.Graph.END;

    private final Map<String, Integer> nodes = new HashMap<>();
    private final List<Expression.Graph.Edge> edges = new ArrayList<>();

    int node(String name) {
        return nodes.computeIfAbsent(name, n -> 2 + nodes.size());
    }

    void add(int from, Expression label, int to) {
        edges.add(new Expression.Graph.Edge(from, label, to));
    }

    Expression build() {
        return new Expression.Graph(2 + nodes.size(), edges);
    }
}
