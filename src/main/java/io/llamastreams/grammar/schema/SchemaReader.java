package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.llamastreams.grammar.automaton.CharacterClasses;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.regex.RegexParser;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/** Reads what a schema says of values by their type; what it says by other schemas is left to {@link SchemaExpander}. */
final class SchemaReader {
    private static final List<String> TYPES =
            List.of("null", "boolean", "object", "array", "number", "integer", "string");

    /** Beyond this many digits numbers are no finite doubles, and cost too much. */
    private static final int MAX_DIGITS = 300;

    /** Keywords that assert something which texts cannot be held to. */
    private static final List<String> UNSUPPORTED = List.of(
            "not",
            "dependentSchemas",
            "dependentRequired",
            "dependencies",
            "contains",
            "unevaluatedItems",
            "$dynamicRef",
            "$recursiveRef");

    /** Different patterns of one schema, for the time that each may take. */
    private static final int MAX_PATTERNS = 200;

    private final Map<Schema, List<Alternative>> known = new HashMap<>();
    private final Map<String, Dfa> patterns = new HashMap<>();
    private final Map<String, List<Dfa>> formats = new HashMap<>();

    /**
     * The alternatives that a schema's own keywords leave.
     *
     * @throws GrammarException naming the keyword that cannot be used
     */
    List<Alternative> alternatives(Schema schema) {
        List<Alternative> found = known.get(schema);
        if (found == null) {
            found = List.copyOf(read(schema));
            known.put(schema, found);
        }
        return found;
    }

    private List<Alternative> read(Schema schema) {
        if (schema.json().isBoolean()) {
            return schema.isFalse() ? List.of() : read(schema, Set.of());
        }
        if (!schema.json().isObject()) {
            throw schema.expected("a schema: an object, true or false");
        }
        refuseUnsupported(schema);
        return read(schema, types(schema));
    }

    private static void refuseUnsupported(Schema schema) {
        for (String keyword : UNSUPPORTED) {
            boolean isIdle = keyword.equals("unevaluatedItems")
                    && schema.json().path(keyword).asBoolean(false);
            if (schema.json().has(keyword) && !isIdle) {
                throw new GrammarException(schema.child(keyword).message() + ": not supported");
            }
        }
        if (schema.json().has("if")
                && (schema.json().has("then") || schema.json().has("else"))) {
            throw new GrammarException(schema.child("if").message() + ": not supported");
        }
    }

    /** @param types none where nothing is said of them */
    private List<Alternative> read(Schema schema, Set<String> types) {
        boolean isOpen = types.isEmpty();
        List<Alternative> alternatives = new ArrayList<>();
        if (isOpen || types.contains("null")) {
            alternatives.add(new Alternative(new ValueSet.Constants(List.of(NullNode.instance)), isOpen));
        }
        if (isOpen || types.contains("boolean")) {
            List<JsonNode> both = List.of(BooleanNode.TRUE, BooleanNode.FALSE);
            alternatives.add(new Alternative(new ValueSet.Constants(both), isOpen));
        }
        if (isOpen || types.contains("number") || types.contains("integer")) {
            ValueSet.Numbers numbers = numbers(schema, !isOpen && !types.contains("number"));
            alternatives.add(new Alternative(numbers, isOpen && numbers.isUnbounded()));
        }
        if (isOpen || types.contains("string")) {
            ValueSet.Strings strings = strings(schema);
            if (strings.min() <= strings.max()) {
                alternatives.add(new Alternative(strings, isOpen && strings.isPlain()));
            }
        }
        if (isOpen || types.contains("array")) {
            List<ValueSet.ArrayPart> parts = arrays(schema);
            alternatives.add(new Alternative(new ValueSet.Arrays(parts), isOpen && parts.isEmpty()));
        }
        if (isOpen || types.contains("object")) {
            List<ValueSet.ObjectPart> parts = objects(schema);
            alternatives.add(new Alternative(new ValueSet.Objects(parts), isOpen && parts.isEmpty()));
        }
        return alternatives;
    }

    private static Set<String> types(Schema schema) {
        if (!schema.json().has("type")) {
            return Set.of();
        }
        Schema keyword = schema.child("type");
        if (keyword.json().isTextual()) {
            return Set.of(type(keyword));
        }
        if (!keyword.json().isArray() || keyword.json().isEmpty()) {
            throw keyword.expected("the name of a type or several");
        }
        Set<String> types = new LinkedHashSet<>();
        for (int i = 0; i < keyword.json().size(); i++) {
            types.add(type(keyword.child(i)));
        }
        return types;
    }

    private static String type(Schema name) {
        if (!name.json().isTextual() || !TYPES.contains(name.json().textValue())) {
            throw name.expected("one of " + String.join(", ", TYPES));
        }
        return name.json().textValue();
    }

    private static ValueSet.Numbers numbers(Schema schema, boolean isInteger) {
        Optional<ValueSet.Bound> lower =
                tighter(bound(schema, "minimum", false), bound(schema, "exclusiveMinimum", true), 1);
        Optional<ValueSet.Bound> upper =
                tighter(bound(schema, "maximum", false), bound(schema, "exclusiveMaximum", true), -1);
        List<BigDecimal> divisors = List.of();
        if (schema.json().has("multipleOf")) {
            BigDecimal divisor = number(schema.child("multipleOf"));
            if (divisor.signum() <= 0) {
                throw schema.child("multipleOf").expected("a number above 0");
            }
            divisors = List.of(divisor);
        }
        return new ValueSet.Numbers(isInteger, lower, upper, divisors);
    }

    private static Optional<ValueSet.Bound> bound(Schema schema, String keyword, boolean isExclusive) {
        return schema.json().has(keyword)
                ? Optional.of(new ValueSet.Bound(number(schema.child(keyword)), isExclusive))
                : Optional.empty();
    }

    /**
     * The bound that leaves fewer numbers.
     *
     * @param sign 1 for lower bounds, -1 for upper ones
     */
    static Optional<ValueSet.Bound> tighter(Optional<ValueSet.Bound> a, Optional<ValueSet.Bound> b, int sign) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.isEmpty() ? b : a;
        }
        int order = sign * Integer.signum(a.get().value().compareTo(b.get().value()));
        return order > 0 || order == 0 && a.get().isExclusive() ? a : b;
    }

    static BigDecimal number(Schema keyword) {
        if (!keyword.json().isNumber()) {
            throw keyword.expected("a number");
        }
        BigDecimal value = keyword.json().decimalValue().stripTrailingZeros();
        if (value.precision() > MAX_DIGITS || Math.abs((long) value.scale()) > MAX_DIGITS) {
            throw keyword.expected("a number of at most " + MAX_DIGITS + " digits");
        }
        return value;
    }

    private ValueSet.Strings strings(Schema schema) {
        int min = count(schema, "minLength", 0);
        int max = count(schema, "maxLength", Expression.UNBOUNDED);
        List<Dfa> searched = List.of();
        if (schema.json().has("pattern")) {
            Schema keyword = schema.child("pattern");
            if (!keyword.json().isTextual()) {
                throw keyword.expected("a regular expression");
            }
            searched = List.of(pattern(keyword, keyword.json().textValue()));
        }
        List<Dfa> words = List.of();
        if (schema.json().has("format")) {
            Schema format = schema.child("format");
            if (!format.json().isTextual()) {
                throw format.expected("the name of a format");
            }
            words = formats.computeIfAbsent(
                    format.json().textValue(),
                    name -> StringFormats.words(name).stream().toList());
        }
        return new ValueSet.Strings(min, max, searched, words);
    }

    private Dfa pattern(Schema where, String regex) {
        Dfa found = patterns.get(regex);
        if (found == null) {
            if (patterns.size() == MAX_PATTERNS) {
                throw GrammarException.expected(
                        where.message(), "at most " + MAX_PATTERNS + " different patterns", "more");
            }
            found = RegexParser.search(where.message(), regex, CharacterClasses.USUAL);
            patterns.put(regex, found);
        }
        return found;
    }

    /** A number of things, from 0 to the largest int, which stands for all above it. */
    private static int count(Schema schema, String keyword, int absent) {
        if (!schema.json().has(keyword)) {
            return absent;
        }
        Schema child = schema.child(keyword);
        BigDecimal value = number(child);
        if (value.signum() < 0 || value.scale() > 0) {
            throw child.expected("a whole number from 0");
        }
        return value.min(BigDecimal.valueOf(Expression.UNBOUNDED)).intValueExact();
    }

    private static List<ValueSet.ArrayPart> arrays(Schema schema) {
        JsonNode json = schema.json();
        boolean speaks = json.has("items")
                || json.has("prefixItems")
                || json.has("minItems")
                || json.has("maxItems")
                || json.has("uniqueItems");
        if (!speaks) {
            return List.of();
        }
        List<Schema> prefix = List.of();
        Optional<Schema> rest = Optional.empty();
        if (json.has("prefixItems")) {
            prefix = elements(schema.child("prefixItems"));
        }
        if (json.path("items").isArray()) {
            prefix = elements(schema.child("items"));
            rest = json.has("additionalItems") ? Optional.of(schema.child("additionalItems")) : rest;
        } else if (json.has("items")) {
            rest = Optional.of(schema.child("items"));
        }
        int min = count(schema, "minItems", 0);
        int max = count(schema, "maxItems", Expression.UNBOUNDED);
        boolean unique = json.has("uniqueItems") && bool(schema.child("uniqueItems"));
        return List.of(new ValueSet.ArrayPart(prefix, rest, min, max, unique, schema.place()));
    }

    private static List<Schema> elements(Schema keyword) {
        if (!keyword.json().isArray()) {
            throw keyword.expected("an array of schemas");
        }
        List<Schema> elements = new ArrayList<>();
        for (int i = 0; i < keyword.json().size(); i++) {
            elements.add(keyword.child(i));
        }
        return elements;
    }

    private static boolean bool(Schema keyword) {
        if (!keyword.json().isBoolean()) {
            throw keyword.expected("true or false");
        }
        return keyword.json().booleanValue();
    }

    private List<ValueSet.ObjectPart> objects(Schema schema) {
        JsonNode json = schema.json();
        boolean speaks = json.has("properties")
                || json.has("patternProperties")
                || json.has("additionalProperties")
                || json.has("required")
                || json.has("minProperties")
                || json.has("maxProperties")
                || json.has("propertyNames");
        if (!speaks) {
            return List.of();
        }
        SequencedMap<String, Schema> properties = new LinkedHashMap<>();
        if (json.has("properties")) {
            Schema keyword = object(schema.child("properties"));
            keyword.json().fieldNames().forEachRemaining(name -> properties.put(name, keyword.child(name)));
        }
        List<ValueSet.PatternProperty> matched = new ArrayList<>();
        if (json.has("patternProperties")) {
            Schema keyword = object(schema.child("patternProperties"));
            keyword.json().fieldNames().forEachRemaining(name -> {
                Schema child = keyword.child(name);
                matched.add(new ValueSet.PatternProperty(pattern(child, name), child));
            });
        }
        return List.of(new ValueSet.ObjectPart(
                properties,
                matched,
                json.has("additionalProperties") ? Optional.of(schema.child("additionalProperties")) : Optional.empty(),
                required(schema),
                count(schema, "minProperties", 0),
                count(schema, "maxProperties", Expression.UNBOUNDED),
                json.has("propertyNames") ? Optional.of(schema.child("propertyNames")) : Optional.empty(),
                false,
                schema.place()));
    }

    private static Schema object(Schema keyword) {
        if (!keyword.json().isObject()) {
            throw keyword.expected("an object of schemas");
        }
        return keyword;
    }

    private static SequencedSet<String> required(Schema schema) {
        SequencedSet<String> names = new LinkedHashSet<>();
        if (schema.json().has("required")) {
            Schema keyword = schema.child("required");
            if (!keyword.json().isArray()) {
                throw keyword.expected("an array of names");
            }
            for (int i = 0; i < keyword.json().size(); i++) {
                Schema name = keyword.child(i);
                if (!name.json().isTextual()) {
                    throw name.expected("a name");
                }
                names.add(name.json().textValue());
            }
        }
        return names;
    }
}
