package io.llamastreams.grammar.schema;

import io.llamastreams.grammar.automaton.CharacterClasses;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.rule.CodePointAutomata;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.grammar.rule.GraphBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Objects of an alternative as a graph: the properties that schemas name in their order, optional ones or not, then any number
 * of others where they are wanted. Properties are counted as far as the limits need it.
 *
 * <pre>
 * none i      before the property i, nothing written yet
 * some i c    the same with c properties written
 * more c x    all named ones past, c of them written, and x others
 * </pre>
 */
final class ObjectGraph {
    private static final int MAX_COUNTED = 4_000;
    private static final int MAX_OTHERS = 256;
    private static final int MAX_PATTERNS = 4;

    private final SchemaCompiler compiler;
    private final ValueSet.Objects objects;
    private final Set<String> required;
    private final Map<String, Expression> pairs = new LinkedHashMap<>();
    private final int min;
    private final int max;
    private final GraphBuilder graph = new GraphBuilder();
    private boolean isImpossible;

    private ObjectGraph(SchemaCompiler compiler, ValueSet.Objects objects) {
        this.compiler = compiler;
        this.objects = objects;
        required = objects.required();
        min = objects.parts().stream().mapToInt(ValueSet.ObjectPart::min).max().orElse(0);
        max = objects.parts().stream().mapToInt(ValueSet.ObjectPart::max).min().orElse(Expression.UNBOUNDED);
    }

    static Expression of(SchemaCompiler compiler, ValueSet.Objects objects) {
        ObjectGraph made = new ObjectGraph(compiler, objects);
        made.collectPairs();
        if (made.isImpossible) {
            return Expression.choice();
        }
        made.addAll(made.otherPair());
        return made.graph.build();
    }

    private String place() {
        return objects.parts().isEmpty()
                ? "json_schema"
                : "json_schema: " + objects.parts().getFirst().place();
    }

    private Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        objects.parts().forEach(part -> names.addAll(part.properties().keySet()));
        names.addAll(required);
        return names;
    }

    /** The properties that schemas name, apart from those that must not be. */
    private void collectPairs() {
        for (String name : names()) {
            Set<Schema> schemas = objects.property(name);
            boolean isForbidden = schemas.stream().anyMatch(Schema::isFalse)
                    || objects.parts().stream()
                            .anyMatch(part -> !compiler.checker().isNameValid(part, name));
            if (!isForbidden) {
                Expression key = JsonRules.quoted(name);
                pairs.put(name, Expression.sequence(key, JsonRules.COLON, compiler.call(schemas)));
            } else {
                isImpossible |= required.contains(name);
            }
        }
    }

    private void addAll(Optional<Expression> other) {
        boolean countsForMin = min > required.size();
        boolean countsForMax = max < pairs.size() || max < Expression.UNBOUNDED && other.isPresent();
        int limit = countsForMax ? Math.min(max, pairs.size() + MAX_OTHERS) : Expression.UNBOUNDED;
        refuseUncertain(other, countsForMin);
        int counted = Math.max(countsForMin ? min : 0, countsForMax ? limit : 0);
        if ((long) counted * pairs.size() > MAX_COUNTED) {
            throw GrammarException.expected(
                    place() + (countsForMin ? ".minProperties" : ".maxProperties"),
                    "limits that take at most " + MAX_COUNTED + " counts",
                    counted + " for each of " + pairs.size() + " properties");
        }
        graph.add(GraphBuilder.START, Expression.literal("{"), none(0));
        int index = 0;
        for (Map.Entry<String, Expression> entry : pairs.entrySet()) {
            boolean isOptional = !required.contains(entry.getKey());
            addPair(index++, entry.getValue(), isOptional, counted, limit);
        }
        addEnds(counted, limit, other);
    }

    /** Others may be of the same name, so that only one of them is sure to count. */
    private void refuseUncertain(Optional<Expression> other, boolean countsForMin) {
        int certain = pairs.size() + (other.isPresent() ? 1 : 0);
        if (countsForMin && min > certain && other.isPresent()) {
            throw GrammarException.expected(
                    place() + ".minProperties",
                    "at most the named properties and one more",
                    min + " with " + pairs.size() + " named");
        }
    }

    private void addPair(int index, Expression pair, boolean isOptional, int counted, int limit) {
        if (limit > 0) {
            graph.add(none(index), pair, some(index + 1, Math.min(1, counted)));
        }
        if (isOptional) {
            graph.add(none(index), Expression.EMPTY, none(index + 1));
        }
        for (int count = Math.min(1, counted); count <= counted; count++) {
            if (count < limit) {
                Expression next = Expression.sequence(JsonRules.COMMA, pair);
                graph.add(some(index, count), next, some(index + 1, Math.min(count + 1, counted)));
            }
            if (isOptional) {
                graph.add(some(index, count), Expression.EMPTY, some(index + 1, count));
            }
        }
    }

    private void addEnds(int counted, int limit, Optional<Expression> other) {
        int last = pairs.size();
        boolean minMatters = min > required.size();
        if (!minMatters || min == 0) {
            graph.add(none(last), Expression.literal("}"), GraphBuilder.END);
        }
        other.filter(pair -> limit > 0).ifPresent(pair -> graph.add(none(last), pair, more(0, 1)));
        addOthers(0, limit, minMatters, other);
        for (int count = Math.min(1, counted); count <= counted; count++) {
            if (!minMatters || count >= min) {
                graph.add(some(last, count), Expression.literal("}"), GraphBuilder.END);
            }
            if (other.isPresent() && count < limit) {
                Expression next = Expression.sequence(JsonRules.COMMA, other.get());
                graph.add(some(last, count), next, more(count, 1));
            }
            if (count > 0) {
                addOthers(count, limit, minMatters, other);
            }
        }
    }

    private void addOthers(int count, int limit, boolean minMatters, Optional<Expression> other) {
        if (other.isEmpty()) {
            return;
        }
        int lastOther = limit == Expression.UNBOUNDED ? 1 : limit - count;
        for (int others = 1; others <= lastOther; others++) {
            if (!minMatters || count + 1 >= min) {
                graph.add(more(count, others), Expression.literal("}"), GraphBuilder.END);
            }
            if (limit == Expression.UNBOUNDED || others < lastOther) {
                int next = more(count, Math.min(others + 1, lastOther));
                graph.add(more(count, others), Expression.sequence(JsonRules.COMMA, other.get()), next);
            }
        }
    }

    private int none(int index) {
        return graph.node("none " + index);
    }

    private int some(int index, int count) {
        return graph.node("some " + index + " " + count);
    }

    private int more(int count, int others) {
        return graph.node("more " + count + " " + others);
    }

    // -------------------------------------------------------------------------------------- other properties

    /** A property that no schema names, if such are to be written: where a schema asks for them, or none names any. */
    private Optional<Expression> otherPair() {
        List<ValueSet.PatternProperty> patterns = objects.parts().stream()
                .flatMap(part -> part.patterns().stream())
                .toList();
        boolean isAsked =
                objects.parts().stream().anyMatch(part -> part.additional().isPresent())
                        || patterns.isEmpty() && names().isEmpty();
        if (patterns.size() > MAX_PATTERNS) {
            throw GrammarException.expected(
                    place() + ".patternProperties",
                    "at most " + MAX_PATTERNS + " patterns",
                    Integer.toString(patterns.size()));
        }
        List<Expression> choices = new ArrayList<>();
        for (int set = 0; set < 1 << patterns.size(); set++) {
            Set<Schema> schemas = schemasOf(patterns, set);
            if (set == 0 && !isAsked || schemas.stream().anyMatch(Schema::isFalse)) {
                continue;
            }
            otherKey(patterns, set)
                    .ifPresent(key -> choices.add(Expression.sequence(key, JsonRules.COLON, compiler.call(schemas))));
        }
        return choices.isEmpty() ? Optional.empty() : Optional.of(new Expression.Choice(choices));
    }

    /** What values of names that match a set of the patterns must fulfil. */
    private Set<Schema> schemasOf(List<ValueSet.PatternProperty> patterns, int set) {
        Set<Schema> schemas = new LinkedHashSet<>();
        for (ValueSet.ObjectPart part : objects.parts()) {
            boolean isMatched = false;
            for (int i = 0; i < patterns.size(); i++) {
                if ((set >> i & 1) == 1 && part.patterns().contains(patterns.get(i))) {
                    schemas.add(patterns.get(i).schema());
                    isMatched = true;
                }
            }
            if (!isMatched) {
                part.additional().ifPresent(schemas::add);
            }
        }
        return schemas;
    }

    /** Names that match just a set of the patterns and are none of the named ones. */
    private Optional<Expression> otherKey(List<ValueSet.PatternProperty> patterns, int set) {
        List<Schema> nameSchemas =
                objects.parts().stream().flatMap(part -> part.names().stream()).toList();
        if (patterns.isEmpty() && names().isEmpty() && nameSchemas.isEmpty()) {
            return Optional.of(new Expression.Call(compiler.json().string()));
        }
        try {
            Expression usual =
                    new Expression.Repeat(new Expression.Characters(CharacterClasses.USUAL), 0, Expression.UNBOUNDED);
            Dfa keys = CodePointAutomata.of(usual);
            if (!nameSchemas.isEmpty()) {
                keys = keys.intersect(compiler.strings(new LinkedHashSet<>(nameSchemas)), CodePointAutomata.MAX_STATES);
            }
            for (int i = 0; i < patterns.size(); i++) {
                Dfa pattern = patterns.get(i).names();
                keys = (set >> i & 1) == 1
                        ? keys.intersect(pattern, CodePointAutomata.MAX_STATES)
                        : keys.minus(pattern, CodePointAutomata.MAX_STATES);
            }
            List<Expression> named = names().stream().map(Expression::literal).toList();
            keys = keys.minus(CodePointAutomata.of(new Expression.Choice(named)), CodePointAutomata.MAX_STATES);
            return keys.isEmpty() ? Optional.empty() : Optional.of(JsonRules.quoted(keys));
        } catch (LanguageTooLargeException e) {
            throw GrammarException.expected(place(), "names of properties that take few states", e.getMessage());
        }
    }
}
