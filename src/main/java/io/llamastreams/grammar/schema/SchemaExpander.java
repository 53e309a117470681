package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/**
 * Brings schemas down to alternatives: {@code allOf} and references are merged in, {@code anyOf} and {@code oneOf} become
 * alternatives of their own. Schemas of properties and elements stay as they are.
 */
final class SchemaExpander {
    private static final int MAX_ALTERNATIVES = 1_000;

    /** Schemas that apply to the same value by way of each other. */
    private static final int MAX_NESTING = 100;

    private final SchemaDocument document;
    private final SchemaReader reader = new SchemaReader();
    private final SchemaChecker checker;
    private final Disjointness disjointness;
    private final Map<Schema, List<Alternative>> known = new HashMap<>();
    private final Set<Schema> underWay = new HashSet<>();

    SchemaExpander(SchemaDocument document) {
        this.document = document;
        checker = new SchemaChecker(document, reader);
        disjointness = new Disjointness(this, checker);
    }

    SchemaChecker checker() {
        return checker;
    }

    /** Whether surely no value fulfils all of some schemas and all of others. */
    boolean areDisjoint(Set<Schema> some, Set<Schema> others) {
        return disjointness.areDisjoint(some, others, 0);
    }

    /** Alternatives of the values that fulfil all of several schemas. */
    List<Alternative> expand(Set<Schema> schemas) {
        List<Alternative> alternatives = List.of();
        boolean isFirst = true;
        for (Schema schema : schemas) {
            alternatives = isFirst ? expand(schema) : intersect(alternatives, expand(schema), schema);
            isFirst = false;
        }
        return alternatives;
    }

    /**
     * Alternatives of the values that fulfil a schema.
     *
     * @throws GrammarException naming the keyword that cannot be used
     */
    List<Alternative> expand(Schema schema) {
        List<Alternative> found = known.get(schema);
        if (found != null) {
            return found;
        }
        if (underWay.size() > MAX_NESTING) {
            throw new GrammarException(schema.message() + ": expected schemas nested at most " + MAX_NESTING + " deep");
        }
        if (!underWay.add(schema)) {
            throw new GrammarException(schema.message()
                    + ": expected references that come to an end, found one that leads back to itself");
        }
        found = List.copyOf(read(schema));
        underWay.remove(schema);
        known.put(schema, found);
        return found;
    }

    private List<Alternative> read(Schema schema) {
        List<Alternative> alternatives = reader.alternatives(schema);
        if (!schema.json().isObject()) {
            return alternatives;
        }
        alternatives = onlyConstants(schema, alternatives);
        if (schema.json().has("$ref")) {
            alternatives = intersect(alternatives, expand(document.resolve(schema.child("$ref"))), schema);
        }
        for (Schema part : branches(schema, "allOf")) {
            alternatives = intersect(alternatives, expand(part), part);
        }
        List<Schema> any = branches(schema, "anyOf");
        if (!any.isEmpty()) {
            List<Alternative> base = alternatives;
            alternatives = joined(schema.child("anyOf"), any, branch -> intersect(base, expand(branch), branch));
        }
        List<Schema> one = branches(schema, "oneOf");
        if (!one.isEmpty()) {
            List<Alternative> base = alternatives;
            List<List<Alternative>> parts = new ArrayList<>();
            one.forEach(branch -> parts.add(intersect(base, expand(branch), branch)));
            List<List<Alternative>> apart = disjointness.separate(schema.child("oneOf"), parts);
            alternatives = apart.stream().flatMap(List::stream).toList();
        }
        if (schema.json().has("unevaluatedProperties")) {
            alternatives = closed(alternatives, schema.child("unevaluatedProperties"));
        }
        return alternatives;
    }

    /** Where values are listed, those of them that the schema's own keywords admit. */
    private List<Alternative> onlyConstants(Schema schema, List<Alternative> alternatives) {
        JsonNode json = schema.json();
        if (!json.has("enum") && !json.has("const")) {
            return alternatives;
        }
        List<JsonNode> values = new ArrayList<>();
        if (json.has("enum")) {
            Schema list = schema.child("enum");
            if (!list.json().isArray()) {
                throw list.expected("an array of values");
            }
            for (int i = 0; i < list.json().size(); i++) {
                JsonValues.refuseHuge(list.child(i));
                if (!JsonValues.contains(values, list.json().get(i))) {
                    values.add(list.json().get(i));
                }
            }
        }
        if (json.has("const")) {
            JsonNode constant = json.get("const");
            JsonValues.refuseHuge(schema.child("const"));
            boolean isListed = !json.has("enum") || JsonValues.contains(values, constant);
            values.clear();
            values.addAll(isListed ? List.of(constant) : List.of());
        }
        List<JsonNode> admitted = values.stream()
                .filter(value ->
                        alternatives.stream().anyMatch(alternative -> checker.fits(alternative.values(), value)))
                .toList();
        return admitted.isEmpty() ? List.of() : List.of(new Alternative(new ValueSet.Constants(admitted), false));
    }

    private static List<Schema> branches(Schema schema, String keyword) {
        if (!schema.json().has(keyword)) {
            return List.of();
        }
        Schema list = schema.child(keyword);
        if (!list.json().isArray() || list.json().isEmpty()) {
            throw list.expected("an array of schemas");
        }
        List<Schema> branches = new ArrayList<>();
        for (int i = 0; i < list.json().size(); i++) {
            branches.add(list.child(i));
        }
        return branches;
    }

    private static List<Alternative> joined(
            Schema where, List<Schema> branches, Function<Schema, List<Alternative>> expanded) {
        List<Alternative> all = new ArrayList<>();
        for (Schema branch : branches) {
            all.addAll(expanded.apply(branch));
            refuseTooMany(where, all.size());
        }
        return all;
    }

    private static void refuseTooMany(Schema where, int count) {
        if (count > MAX_ALTERNATIVES) {
            throw new GrammarException(
                    where.message() + ": expected at most " + MAX_ALTERNATIVES + " alternatives, found more");
        }
    }

    private List<Alternative> intersect(List<Alternative> some, List<Alternative> others, Schema where) {
        List<Alternative> both = new ArrayList<>();
        for (Alternative a : some) {
            for (Alternative b : others) {
                intersect(a.values(), b.values())
                        .ifPresent(values -> both.add(new Alternative(values, a.isImplied() && b.isImplied())));
                refuseTooMany(where, both.size());
            }
        }
        return both;
    }

    private Optional<ValueSet> intersect(ValueSet a, ValueSet b) {
        if (a instanceof ValueSet.Constants constants) {
            return filtered(constants, b);
        }
        if (b instanceof ValueSet.Constants constants) {
            return filtered(constants, a);
        }
        if (a instanceof ValueSet.Strings x && b instanceof ValueSet.Strings y) {
            int min = Math.max(x.min(), y.min());
            int max = Math.min(x.max(), y.max());
            return min > max
                    ? Optional.empty()
                    : Optional.of(new ValueSet.Strings(
                            min, max, joined(x.patterns(), y.patterns()), joined(x.restrictions(), y.restrictions())));
        }
        if (a instanceof ValueSet.Numbers x && b instanceof ValueSet.Numbers y) {
            return Optional.of(new ValueSet.Numbers(
                    x.isInteger() || y.isInteger(),
                    SchemaReader.tighter(x.lower(), y.lower(), 1),
                    SchemaReader.tighter(x.upper(), y.upper(), -1),
                    joined(x.divisors(), y.divisors())));
        }
        if (a instanceof ValueSet.Arrays x && b instanceof ValueSet.Arrays y) {
            return Optional.of(new ValueSet.Arrays(joined(x.parts(), y.parts())));
        }
        if (a instanceof ValueSet.Objects x && b instanceof ValueSet.Objects y) {
            return Optional.of(new ValueSet.Objects(joined(x.parts(), y.parts())));
        }
        return Optional.empty();
    }

    private Optional<ValueSet> filtered(ValueSet.Constants constants, ValueSet other) {
        List<JsonNode> kept = constants.values().stream()
                .filter(value -> checker.fits(other, value) && isUnrestricted(other, value))
                .toList();
        return kept.isEmpty() ? Optional.empty() : Optional.of(new ValueSet.Constants(kept));
    }

    /** Formats of other schemas are held to; those beside the values are their author's. */
    private static boolean isUnrestricted(ValueSet other, JsonNode value) {
        return !(other instanceof ValueSet.Strings strings)
                || strings.restrictions().stream().allMatch(words -> words.matches(value.textValue()));
    }

    private static <T> List<T> joined(List<T> a, List<T> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.isEmpty() ? b : a;
        }
        Set<T> all = new LinkedHashSet<>(a);
        all.addAll(b);
        return List.copyOf(all);
    }

    /** Properties that no schema has spoken of fall under one more. */
    private static List<Alternative> closed(List<Alternative> alternatives, Schema rest) {
        List<Alternative> closed = new ArrayList<>();
        for (Alternative alternative : alternatives) {
            if (!(alternative.values() instanceof ValueSet.Objects objects)) {
                closed.add(alternative);
                continue;
            }
            SequencedMap<String, Schema> named = new LinkedHashMap<>();
            List<ValueSet.PatternProperty> patterns = new ArrayList<>();
            boolean hasOther = false;
            for (ValueSet.ObjectPart part : objects.parts()) {
                named.putAll(part.properties());
                patterns.addAll(part.patterns());
                hasOther |= part.additional().isPresent();
            }
            closed.add(
                    hasOther ? alternative : new Alternative(objects.with(unevaluated(named, patterns, rest)), false));
        }
        return closed;
    }

    private static ValueSet.ObjectPart unevaluated(
            SequencedMap<String, Schema> named, List<ValueSet.PatternProperty> patterns, Schema rest) {
        return new ValueSet.ObjectPart(
                named,
                patterns,
                Optional.of(rest),
                new LinkedHashSet<>(),
                0,
                Expression.UNBOUNDED,
                Optional.empty(),
                false,
                rest.place());
    }
}
