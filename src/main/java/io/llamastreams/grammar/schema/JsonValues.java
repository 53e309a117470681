package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** JSON values as data: equality as JSON Schema has it, and how they are written. */
final class JsonValues {
    private JsonValues() {}

    /** Numbers are equal by value, objects whatever the order of their properties. */
    static boolean areEqual(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) == 0;
        }
        if (a.getNodeType() != b.getNodeType() || a.size() != b.size()) {
            return false;
        }
        if (a.isArray()) {
            for (int i = 0; i < a.size(); i++) {
                if (!areEqual(a.get(i), b.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (a.isObject()) {
            for (Map.Entry<String, JsonNode> entry : a.properties()) {
                JsonNode other = b.get(entry.getKey());
                if (other == null || !areEqual(entry.getValue(), other)) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }

    static boolean contains(List<JsonNode> values, JsonNode value) {
        return values.stream().anyMatch(other -> areEqual(other, value));
    }

    /** The text of a value. */
    static Expression written(JsonNode value) {
        if (value.isTextual()) {
            return JsonRules.quoted(value.textValue());
        }
        if (value.isArray()) {
            List<Expression> parts = new ArrayList<>();
            parts.add(Expression.literal("["));
            for (int i = 0; i < value.size(); i++) {
                if (i > 0) {
                    parts.add(JsonRules.COMMA);
                }
                parts.add(written(value.get(i)));
            }
            parts.add(Expression.literal("]"));
            return new Expression.Sequence(parts);
        }
        if (value.isObject()) {
            List<Expression> parts = new ArrayList<>();
            parts.add(Expression.literal("{"));
            for (Iterator<String> names = value.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                parts.add(JsonRules.quoted(name));
                parts.add(JsonRules.COLON);
                parts.add(written(value.get(name)));
                if (names.hasNext()) {
                    parts.add(JsonRules.COMMA);
                }
            }
            parts.add(Expression.literal("}"));
            return new Expression.Sequence(parts);
        }
        return Expression.literal(value.toString());
    }

    /** @throws GrammarException if a number in a value would be no finite double */
    static void refuseHuge(Schema value) {
        JsonNode json = value.json();
        if (json.isNumber()) {
            SchemaReader.number(value);
        } else if (json.isArray()) {
            for (int i = 0; i < json.size(); i++) {
                refuseHuge(value.child(i));
            }
        } else if (json.isObject()) {
            json.fieldNames().forEachRemaining(name -> refuseHuge(value.child(name)));
        }
    }
}
