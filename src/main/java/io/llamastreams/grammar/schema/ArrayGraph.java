package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.grammar.rule.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Arrays of an alternative as a graph: its nodes count the elements. */
final class ArrayGraph {
    private static final int MAX_ELEMENTS = 2_000;

    /** Above this many values those of a set are written in the order in which the schema lists them. */
    private static final int MAX_UNORDERED = 8;

    private final SchemaCompiler compiler;
    private final ValueSet.Arrays arrays;
    private final int min;
    private final int max;
    private final GraphBuilder graph = new GraphBuilder();

    private ArrayGraph(SchemaCompiler compiler, ValueSet.Arrays arrays) {
        this.compiler = compiler;
        this.arrays = arrays;
        min = arrays.min();
        max = arrays.max();
    }

    static Expression of(SchemaCompiler compiler, ValueSet.Arrays arrays) {
        ArrayGraph made = new ArrayGraph(compiler, arrays);
        if (made.min > MAX_ELEMENTS) {
            throw GrammarException.expected(
                    made.place() + ".minItems", "at most " + MAX_ELEMENTS, Integer.toString(made.min));
        }
        boolean isUnique = arrays.parts().stream().anyMatch(ValueSet.ArrayPart::isUnique);
        if (isUnique && made.max > 1) {
            made.addUnique();
        } else {
            made.addCounted(made.lastElement());
        }
        return made.graph.build();
    }

    private String place() {
        return arrays.parts().isEmpty()
                ? "json_schema"
                : "json_schema: " + arrays.parts().getFirst().place();
    }

    /** The most elements that are written; of tuples those that are named, if no more are asked for. */
    private int lastElement() {
        int prefix = arrays.prefixLength();
        boolean isTuple = prefix > 0
                && arrays.parts().stream().allMatch(part -> part.rest().isEmpty())
                && min <= prefix;
        int last = isTuple ? Math.min(max, prefix) : max;
        return last == Expression.UNBOUNDED ? last : Math.min(last, Math.max(min, MAX_ELEMENTS));
    }

    private void addCounted(int last) {
        int repeating = last == Expression.UNBOUNDED ? Math.max(min, arrays.prefixLength()) : last;
        graph.add(GraphBuilder.START, Expression.literal("["), graph.node("0"));
        for (int count = 0; count <= repeating; count++) {
            if (count >= min) {
                graph.add(graph.node("" + count), Expression.literal("]"), GraphBuilder.END);
            }
            if (count == repeating && last != Expression.UNBOUNDED) {
                continue;
            }
            Expression element = compiler.call(arrays.element(count));
            int next = graph.node("" + Math.min(count + 1, repeating));
            Expression label = count == 0 ? element : Expression.sequence(JsonRules.COMMA, element);
            if (count == 0 && repeating == 0) {
                // the only node stands for none and for many: these need one of their own
                next = graph.node("more");
                graph.add(next, Expression.sequence(JsonRules.COMMA, element), next);
                graph.add(next, Expression.literal("]"), GraphBuilder.END);
            }
            graph.add(graph.node("" + count), label, next);
        }
    }

    private void addUnique() {
        if (arrays.prefixLength() > 0) {
            addUniqueTuple();
            return;
        }
        List<JsonNode> values = values();
        if (values.size() <= MAX_UNORDERED) {
            addSubsets(values);
        } else {
            addOrdered(values);
        }
    }

    private void addUniqueTuple() {
        int last = lastElement();
        if (last > MAX_UNORDERED * MAX_UNORDERED) {
            throw notProvable();
        }
        for (int i = 0; i < last; i++) {
            for (int j = 0; j < i; j++) {
                if (!compiler.areDisjoint(arrays.element(i), arrays.element(j))) {
                    throw notProvable();
                }
            }
        }
        addCounted(last);
    }

    private GrammarException notProvable() {
        return GrammarException.expected(
                place() + ".uniqueItems", "elements that are constants or at most one", "elements that may be equal");
    }

    /** The values that elements may have, if they are listed. */
    private List<JsonNode> values() {
        Set<Schema> element = arrays.element(0);
        List<JsonNode> values = new ArrayList<>();
        for (Alternative alternative : element.isEmpty() ? List.<Alternative>of() : compiler.alternatives(element)) {
            if (!(alternative.values() instanceof ValueSet.Constants constants)) {
                throw notProvable();
            }
            for (JsonNode value : constants.values()) {
                if (!JsonValues.contains(values, value)) {
                    values.add(value);
                }
            }
        }
        if (element.isEmpty()) {
            throw notProvable();
        }
        return values;
    }

    /** A node for each set of values that are there. */
    private void addSubsets(List<JsonNode> values) {
        graph.add(GraphBuilder.START, Expression.literal("["), graph.node("0"));
        for (int set = 0; set < 1 << values.size(); set++) {
            int count = Integer.bitCount(set);
            if (count >= min && count <= max) {
                graph.add(graph.node("" + set), Expression.literal("]"), GraphBuilder.END);
            }
            if (count >= max) {
                continue;
            }
            int choosing = graph.node("choose " + set);
            graph.add(graph.node("" + set), set == 0 ? Expression.EMPTY : JsonRules.COMMA, choosing);
            for (int i = 0; i < values.size(); i++) {
                if ((set >> i & 1) == 0) {
                    graph.add(choosing, JsonValues.written(values.get(i)), graph.node("" + (set | 1 << i)));
                }
            }
        }
    }

    /** Each value or not, in their order; counted as far as the limits need it. */
    private void addOrdered(List<JsonNode> values) {
        int size = values.size();
        int counted = max < size ? max : Math.min(min, size);
        if ((long) counted * size > MAX_ELEMENTS) {
            throw GrammarException.expected(place() + ".uniqueItems", "fewer values or lower limits", size + " values");
        }
        graph.add(GraphBuilder.START, Expression.literal("["), graph.node("choose 0 0"));
        graph.add(GraphBuilder.START, min == 0 ? Expression.literal("[]") : Expression.choice(), GraphBuilder.END);
        for (int next = 0; next <= size; next++) {
            for (int count = 0; count <= counted; count++) {
                int chosen = graph.node("chosen " + next + " " + count);
                if (count >= Math.min(min, size + 1) && next > 0) {
                    graph.add(chosen, Expression.literal("]"), GraphBuilder.END);
                }
                if (next == size || max < size && count == max) {
                    continue;
                }
                int choosing = graph.node("choose " + next + " " + count);
                if (next > 0) {
                    graph.add(chosen, JsonRules.COMMA, choosing);
                }
                graph.add(choosing, Expression.EMPTY, graph.node("choose " + (next + 1) + " " + count));
                int after = graph.node("chosen " + (next + 1) + " " + Math.min(count + 1, counted));
                graph.add(choosing, JsonValues.written(values.get(next)), after);
            }
        }
    }
}
