package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.rule.CodePointAutomata;
import io.llamastreams.grammar.rule.Encoding;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.grammar.rule.Rules;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * JSON Schema as rules, of which every text is valid under the schema; not every valid text is one of the rules'.
 *
 * <p>Keywords of drafts 7 and 2020-12: {@code type}, {@code enum}, {@code const}; {@code properties}, {@code
 * patternProperties}, {@code additionalProperties}, {@code propertyNames}, {@code required}, {@code minProperties}, {@code
 * maxProperties}, {@code unevaluatedProperties}; {@code items}, {@code prefixItems}, {@code additionalItems}, {@code
 * minItems}, {@code maxItems}, {@code uniqueItems} of listed values; {@code minLength}, {@code maxLength}, {@code pattern},
 * {@code format}; {@code minimum}, {@code maximum}, {@code exclusiveMinimum}, {@code exclusiveMaximum}, {@code multipleOf};
 * {@code allOf}, {@code anyOf}, {@code oneOf} of branches that can be told apart; {@code $ref} inside of the schema, also
 * recursive. Others that assert something are refused; what only describes is passed over.
 *
 * <p>Properties come in the order of the schema. Others are written only where {@code additionalProperties} allows them
 * expressly or no property is named. Where no type is given but what belongs to one, values are of that.
 *
 * <p>Each set of schemas that a value must fulfil together becomes a rule, once: that is how recursion comes to an end.
 */
public final class SchemaCompiler {
    private final Rules rules = new Rules("json_schema");
    private final JsonRules json = new JsonRules(rules);
    private final SchemaExpander expander;
    private final Map<Set<Schema>, Integer> known = new HashMap<>();
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();

    private record Pending(int rule, String place, List<Alternative> alternatives) {}

    private SchemaCompiler(SchemaDocument document) {
        expander = new SchemaExpander(document);
    }

    /** @throws GrammarException naming the place in the schema that cannot be used */
    public static Rules compile(String schemaJson) {
        SchemaDocument document = SchemaDocument.read(schemaJson);
        SchemaCompiler compiler = new SchemaCompiler(document);
        int root = compiler.rules.reserve("root");
        compiler.rules.define(root, compiler.call(Set.of(document.root())));
        while (!compiler.pending.isEmpty()) {
            compiler.define(compiler.pending.remove());
        }
        return compiler.rules;
    }

    JsonRules json() {
        return json;
    }

    SchemaChecker checker() {
        return expander.checker();
    }

    boolean areDisjoint(Set<Schema> some, Set<Schema> others) {
        return expander.areDisjoint(some, others);
    }

    /** A value that fulfils all of some schemas. */
    Expression call(Set<Schema> schemas) {
        Set<Schema> telling = new LinkedHashSet<>(schemas);
        telling.removeIf(Schema::isTrue);
        Integer rule = known.get(telling);
        if (rule == null) {
            rule = reserve(telling);
            known.put(telling, rule);
        }
        return new Expression.Call(rule);
    }

    private int reserve(Set<Schema> schemas) {
        if (schemas.isEmpty()) {
            return json.value();
        }
        List<Alternative> alternatives = expander.expand(schemas);
        if (!alternatives.isEmpty() && alternatives.stream().allMatch(Alternative::isImplied)) {
            return json.value();
        }
        List<Alternative> written = alternatives(schemas);
        if (written.size() == 1 && written.getFirst().values() instanceof ValueSet.Strings strings) {
            boolean isBare =
                    strings.patterns().isEmpty() && strings.restrictions().isEmpty();
            if (isBare) {
                return json.string(strings.min(), strings.max());
            }
        }
        String place = schemas.iterator().next().place();
        int rule = rules.reserve(place);
        pending.add(new Pending(rule, place, written));
        return rule;
    }

    /** The alternatives that are written: where anything was said of types, none that was not spoken of. */
    List<Alternative> alternatives(Set<Schema> schemas) {
        List<Alternative> all = expander.expand(schemas);
        List<Alternative> explicit =
                all.stream().filter(alternative -> !alternative.isImplied()).toList();
        return explicit.isEmpty() ? all : explicit;
    }

    /** The strings that fulfil all of some schemas. */
    Dfa strings(Set<Schema> schemas) {
        List<Expression> parts = new ArrayList<>();
        for (Alternative alternative : expander.expand(schemas)) {
            if (alternative.values() instanceof ValueSet.Strings strings) {
                parts.add(new Expression.Language(StringLanguages.of(strings), Encoding.PLAIN));
            } else if (alternative.values() instanceof ValueSet.Constants constants) {
                constants.values().stream()
                        .filter(JsonNode::isTextual)
                        .forEach(value -> parts.add(Expression.literal(value.textValue())));
            }
        }
        return CodePointAutomata.of(new Expression.Choice(parts));
    }

    private void define(Pending rule) {
        try {
            rules.define(
                    rule.rule,
                    new Expression.Choice(rule.alternatives.stream()
                            .map(alternative -> expression(alternative.values(), rule.place))
                            .toList()));
        } catch (LanguageTooLargeException e) {
            throw GrammarException.expected(
                    "json_schema: " + rule.place, "limits and patterns that take few states", e.getMessage());
        }
    }

    private Expression expression(ValueSet values, String place) {
        return switch (values) {
            case ValueSet.Constants constants ->
                new Expression.Choice(
                        constants.values().stream().map(JsonValues::written).toList());
            case ValueSet.Strings strings -> {
                boolean isBare =
                        strings.patterns().isEmpty() && strings.restrictions().isEmpty();
                yield isBare
                        ? new Expression.Call(json.string(strings.min(), strings.max()))
                        : JsonRules.quoted(StringLanguages.of(strings));
            }
            case ValueSet.Numbers numbers -> NumberLanguages.of("json_schema: " + place, numbers);
            case ValueSet.Arrays arrays ->
                arrays.parts().isEmpty() ? new Expression.Call(json.array()) : ArrayGraph.of(this, arrays);
            case ValueSet.Objects objects ->
                objects.parts().isEmpty() ? new Expression.Call(json.object()) : ObjectGraph.of(this, objects);
        };
    }
}
