package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.llamastreams.grammar.rule.GrammarException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether given values, those that schemas list, are valid under other schemas. Formats are not looked at: they may hold texts
 * back, but say nothing about validity.
 */
final class SchemaChecker {
    private static final int MAX_NESTING = 100;

    private final SchemaDocument document;
    private final SchemaReader reader;
    private int nesting;

    SchemaChecker(SchemaDocument document, SchemaReader reader) {
        this.document = document;
        this.reader = reader;
    }

    /** @throws GrammarException if a schema leads back to itself, or has keywords that are not supported */
    boolean isValid(Schema schema, JsonNode value) {
        if (++nesting > MAX_NESTING) {
            throw new GrammarException(schema.message() + ": expected schemas nested at most " + MAX_NESTING + " deep");
        }
        boolean valid = reader.alternatives(schema).stream().anyMatch(alternative -> fits(alternative.values(), value))
                && (!schema.json().isObject() || isValidByOthers(schema, value));
        nesting--;
        return valid;
    }

    private boolean isValidByOthers(Schema schema, JsonNode value) {
        JsonNode json = schema.json();
        if (json.has("unevaluatedProperties") && value.isObject()) {
            throw new GrammarException(
                    schema.child("unevaluatedProperties").message() + ": not supported for listed values");
        }
        boolean isListed = !json.has("enum") || hasEqual(json.get("enum"), value);
        boolean isConstant = !json.has("const") || JsonValues.areEqual(json.get("const"), value);
        boolean isReferred = !json.has("$ref") || isValid(document.resolve(schema.child("$ref")), value);
        return isListed
                && isConstant
                && isReferred
                && (!json.has("allOf")
                        || validBranches(schema.child("allOf"), value)
                                == json.get("allOf").size())
                && (!json.has("anyOf") || validBranches(schema.child("anyOf"), value) > 0)
                && (!json.has("oneOf") || validBranches(schema.child("oneOf"), value) == 1);
    }

    private static boolean hasEqual(JsonNode list, JsonNode value) {
        for (JsonNode element : list) {
            if (JsonValues.areEqual(element, value)) {
                return true;
            }
        }
        return false;
    }

    private int validBranches(Schema list, JsonNode value) {
        int count = 0;
        for (int i = 0; i < list.json().size(); i++) {
            count += isValid(list.child(i), value) ? 1 : 0;
        }
        return count;
    }

    private boolean isValid(Set<Schema> schemas, JsonNode value) {
        return schemas.stream().allMatch(schema -> isValid(schema, value));
    }

    /** Whether a value is one of an alternative. */
    boolean fits(ValueSet values, JsonNode value) {
        return switch (values) {
            case ValueSet.Constants constants -> JsonValues.contains(constants.values(), value);
            case ValueSet.Strings strings -> value.isTextual() && fits(strings, value.textValue());
            case ValueSet.Numbers numbers -> value.isNumber() && fits(numbers, value.decimalValue());
            case ValueSet.Arrays arrays -> value.isArray() && fits(arrays, value);
            case ValueSet.Objects objects -> value.isObject() && fits(objects, value);
        };
    }

    private static boolean fits(ValueSet.Strings strings, String text) {
        int length = text.codePointCount(0, text.length());
        return length >= strings.min()
                && length <= strings.max()
                && strings.patterns().stream().allMatch(pattern -> pattern.matches(text));
    }

    private static boolean fits(ValueSet.Numbers numbers, BigDecimal value) {
        return (!numbers.isInteger() || value.stripTrailingZeros().scale() <= 0)
                && isWithin(numbers.lower(), value, 1)
                && isWithin(numbers.upper(), value, -1)
                && numbers.divisors().stream()
                        .allMatch(divisor -> value.remainder(divisor).signum() == 0);
    }

    private static boolean isWithin(Optional<ValueSet.Bound> bound, BigDecimal value, int sign) {
        if (bound.isEmpty()) {
            return true;
        }
        int order = sign * Integer.signum(value.compareTo(bound.get().value()));
        return bound.get().isExclusive() ? order > 0 : order >= 0;
    }

    private boolean fits(ValueSet.Arrays arrays, JsonNode value) {
        if (value.size() < arrays.min() || value.size() > arrays.max()) {
            return false;
        }
        List<JsonNode> seen = new ArrayList<>();
        boolean unique = arrays.parts().stream().anyMatch(ValueSet.ArrayPart::isUnique);
        for (int i = 0; i < value.size(); i++) {
            if (!isValid(arrays.element(i), value.get(i)) || unique && JsonValues.contains(seen, value.get(i))) {
                return false;
            }
            seen.add(value.get(i));
        }
        return true;
    }

    private boolean fits(ValueSet.Objects objects, JsonNode value) {
        for (ValueSet.ObjectPart part : objects.parts()) {
            boolean fits = value.size() >= part.min()
                    && value.size() <= part.max()
                    && part.required().stream().allMatch(value::has)
                    && value.properties().stream()
                            .allMatch(entry -> isNameValid(part, entry.getKey())
                                    && part.property(entry.getKey()).stream()
                                            .allMatch(schema -> isValid(schema, entry.getValue())));
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    /** Whether the schema of a part's names admits one. */
    boolean isNameValid(ValueSet.ObjectPart part, String name) {
        return part.names().isEmpty() || isValid(part.names().get(), TextNode.valueOf(name));
    }
}
