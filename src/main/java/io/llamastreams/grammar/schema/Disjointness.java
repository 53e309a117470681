package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.rule.CodePointAutomata;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the branches of a {@code oneOf} apart, so that no text is valid under two of them: by type, by values or languages
 * that have nothing in common, by a property that tells them apart, or by leaving out of one branch's texts what the other
 * requires.
 */
final class Disjointness {
    private static final int MAX_DEPTH = 20;

    private final SchemaExpander expander;
    private final SchemaChecker checker;

    /** What was found out; no for what is being looked at, as in recursive schemas. */
    private final Map<Pair, Boolean> known = new HashMap<>();

    private record Pair(Set<Schema> some, Set<Schema> others) {}

    Disjointness(SchemaExpander expander, SchemaChecker checker) {
        this.expander = expander;
        this.checker = checker;
    }

    /**
     * The branches' alternatives, less what may also be valid under another branch.
     *
     * @param where the keyword
     * @throws GrammarException if what an alternative admits cannot be told from what another branch does
     */
    List<List<Alternative>> separate(Schema where, List<List<Alternative>> branches) {
        List<List<Alternative>> separated = new ArrayList<>();
        for (int branch = 0; branch < branches.size(); branch++) {
            List<Alternative> kept = new ArrayList<>();
            for (Alternative alternative : branches.get(branch)) {
                restricted(where, branches, branch, alternative).ifPresent(kept::add);
            }
            separated.add(kept);
        }
        return separated;
    }

    private Optional<Alternative> restricted(
            Schema where, List<List<Alternative>> branches, int branch, Alternative alternative) {
        ValueSet kept = alternative.values();
        for (int other = 0; other < branches.size(); other++) {
            if (other == branch) {
                continue;
            }
            for (Alternative theirs : branches.get(other)) {
                Optional<ValueSet> without = without(kept, theirs.values());
                if (without.isEmpty()) {
                    if (alternative.isImplied()) {
                        return Optional.empty();
                    }
                    throw new GrammarException(where.message()
                            + ": expected branches that can be told apart by a type, a constant or a required property,"
                            + " found " + branch + " and " + other);
                }
                kept = without.get();
                if (kept instanceof ValueSet.Constants constants
                        && constants.values().isEmpty()) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(new Alternative(kept, alternative.isImplied()));
    }

    /** What of {@code mine} is surely not of {@code theirs}, or nothing if that cannot be said. */
    private Optional<ValueSet> without(ValueSet mine, ValueSet theirs) {
        if (mine instanceof ValueSet.Constants constants) {
            List<JsonNode> kept = constants.values().stream()
                    .filter(value -> !checker.fits(theirs, value))
                    .toList();
            return Optional.of(new ValueSet.Constants(kept));
        }
        if (areDisjoint(mine, theirs, 0)) {
            return Optional.of(mine);
        }
        if (mine instanceof ValueSet.Strings strings && theirs instanceof ValueSet.Constants constants) {
            return Optional.of(without(strings, constants));
        }
        if (mine instanceof ValueSet.Objects objects && theirs instanceof ValueSet.Objects others) {
            Set<String> required = objects.required();
            for (String name : others.withoutRestrictions().required()) {
                if (!required.contains(name)) {
                    Schema nothing = new Schema(BooleanNode.FALSE, "$");
                    return Optional.of(objects.with(ValueSet.ObjectPart.without(name, nothing)));
                }
            }
        }
        return Optional.empty();
    }

    private static ValueSet.Strings without(ValueSet.Strings strings, ValueSet.Constants constants) {
        List<Expression> texts = constants.values().stream()
                .filter(JsonNode::isTextual)
                .map(value -> Expression.literal(value.textValue()))
                .toList();
        Dfa others = CodePointAutomata.of(StringFormats.ANY_TEXT)
                .minus(CodePointAutomata.of(new Expression.Choice(texts)), CodePointAutomata.MAX_STATES);
        List<Dfa> restrictions = new ArrayList<>(strings.restrictions());
        restrictions.add(others);
        return new ValueSet.Strings(strings.min(), strings.max(), strings.patterns(), List.copyOf(restrictions));
    }

    /** Whether surely no value fulfils both. */
    private boolean areDisjoint(ValueSet a, ValueSet b, int depth) {
        if (a instanceof ValueSet.Constants constants) {
            return constants.values().stream().noneMatch(value -> checker.fits(b, value));
        }
        if (b instanceof ValueSet.Constants) {
            return areDisjoint(b, a, depth);
        }
        if (a instanceof ValueSet.Strings x && b instanceof ValueSet.Strings y) {
            return areDisjoint(x, y);
        }
        if (a instanceof ValueSet.Numbers x && b instanceof ValueSet.Numbers y) {
            return endsBefore(x.upper(), y.lower()) || endsBefore(y.upper(), x.lower());
        }
        if (a instanceof ValueSet.Arrays x && b instanceof ValueSet.Arrays y) {
            return areDisjoint(x, y, depth);
        }
        if (a instanceof ValueSet.Objects x && b instanceof ValueSet.Objects y) {
            return areDisjoint(x, y.withoutRestrictions(), depth);
        }
        return true;
    }

    private static boolean areDisjoint(ValueSet.Strings a, ValueSet.Strings b) {
        if (a.max() < b.min() || b.max() < a.min()) {
            return true;
        }
        Dfa common = CodePointAutomata.of(StringFormats.ANY_TEXT);
        try {
            for (Dfa pattern : a.patterns()) {
                common = common.intersect(pattern, CodePointAutomata.MAX_STATES);
            }
            for (Dfa pattern : b.patterns()) {
                common = common.intersect(pattern, CodePointAutomata.MAX_STATES);
            }
        } catch (LanguageTooLargeException e) {
            return false;
        }
        return common.isEmpty();
    }

    private static boolean endsBefore(Optional<ValueSet.Bound> upper, Optional<ValueSet.Bound> lower) {
        if (upper.isEmpty() || lower.isEmpty()) {
            return false;
        }
        int order = upper.get().value().compareTo(lower.get().value());
        return order < 0
                || order == 0 && (upper.get().isExclusive() || lower.get().isExclusive());
    }

    private boolean areDisjoint(ValueSet.Arrays a, ValueSet.Arrays b, int depth) {
        if (a.max() < b.min() || b.max() < a.min()) {
            return true;
        }
        int common = Math.min(Math.max(a.min(), b.min()), 1 + Math.max(a.prefixLength(), b.prefixLength()));
        for (int i = 0; i < common; i++) {
            if (areDisjoint(a.element(i), b.element(i), depth + 1)) {
                return true;
            }
        }
        return false;
    }

    private boolean areDisjoint(ValueSet.Objects a, ValueSet.Objects b, int depth) {
        Set<String> names = a.required();
        names.addAll(b.required());
        return names.stream().anyMatch(name -> areDisjoint(a.property(name), b.property(name), depth + 1));
    }

    /** Whether surely no value fulfils all of some schemas and all of others. */
    boolean areDisjoint(Set<Schema> some, Set<Schema> others, int depth) {
        if (isNever(some) || isNever(others)) {
            return true;
        }
        if (depth > MAX_DEPTH || some.isEmpty() || others.isEmpty()) {
            return false;
        }
        Pair pair = new Pair(some, others);
        Boolean found = known.putIfAbsent(pair, false);
        if (found != null) {
            return found;
        }
        List<Alternative> theirs = expander.expand(others);
        boolean areDisjoint = expander.expand(some).stream()
                .allMatch(mine -> theirs.stream().allMatch(other -> areDisjoint(mine.values(), other.values(), depth)));
        known.put(pair, areDisjoint);
        return areDisjoint;
    }

    private static boolean isNever(Set<Schema> schemas) {
        return schemas.stream().anyMatch(Schema::isFalse);
    }
}
