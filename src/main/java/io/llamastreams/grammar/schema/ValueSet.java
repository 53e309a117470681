package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.rule.Expression;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/**
 * Values of one JSON type that a schema admits; a schema comes down to several. What stands under {@code restrictions} holds
 * texts back that the schema itself would admit, as where two branches must not both match. Immutable.
 */
sealed interface ValueSet {

    /** One of these values. */
    record Constants(List<JsonNode> values) implements ValueSet {}

    /**
     * Strings of so many code points that are words of all the languages.
     *
     * @param max {@link Expression#UNBOUNDED} for any number
     */
    record Strings(int min, int max, List<Dfa> patterns, List<Dfa> restrictions) implements ValueSet {
        static final Strings ANY = new Strings(0, Expression.UNBOUNDED, List.of(), List.of());

        boolean isPlain() {
            return min == 0 && max == Expression.UNBOUNDED && patterns.isEmpty() && restrictions.isEmpty();
        }
    }

    /** @param divisors each above zero; values are multiples of all */
    record Numbers(boolean isInteger, Optional<Bound> lower, Optional<Bound> upper, List<BigDecimal> divisors)
            implements ValueSet {
        static final Numbers ANY = new Numbers(false, Optional.empty(), Optional.empty(), List.of());

        boolean isUnbounded() {
            return lower.isEmpty() && upper.isEmpty() && divisors.isEmpty();
        }
    }

    /** Where numbers begin or end. */
    record Bound(BigDecimal value, boolean isExclusive) {}

    /** Arrays that fulfil all parts. */
    record Arrays(List<ArrayPart> parts) implements ValueSet {
        int min() {
            return parts.stream().mapToInt(ArrayPart::min).max().orElse(0);
        }

        int max() {
            return parts.stream().mapToInt(ArrayPart::max).min().orElse(Expression.UNBOUNDED);
        }

        int prefixLength() {
            return parts.stream().mapToInt(part -> part.prefix().size()).max().orElse(0);
        }

        /** What the element at an index must fulfil. */
        Set<Schema> element(int index) {
            Set<Schema> all = new LinkedHashSet<>();
            for (ArrayPart part : parts) {
                if (index < part.prefix().size()) {
                    all.add(part.prefix().get(index));
                } else {
                    part.rest().ifPresent(all::add);
                }
            }
            return all;
        }
    }

    /**
     * What one schema says of arrays.
     *
     * @param prefix schemas of the first elements
     * @param rest schema of all others
     * @param max {@link Expression#UNBOUNDED} for any number
     */
    record ArrayPart(List<Schema> prefix, Optional<Schema> rest, int min, int max, boolean isUnique, String place) {}

    /** Objects that fulfil all parts. */
    record Objects(List<ObjectPart> parts) implements ValueSet {
        Set<String> required() {
            Set<String> all = new LinkedHashSet<>();
            parts.forEach(part -> all.addAll(part.required()));
            return all;
        }

        /** What the value under a name must fulfil. */
        Set<Schema> property(String name) {
            Set<Schema> all = new LinkedHashSet<>();
            parts.forEach(part -> all.addAll(part.property(name)));
            return all;
        }

        Objects with(ObjectPart part) {
            List<ObjectPart> more = new ArrayList<>(parts);
            more.add(part);
            return new Objects(List.copyOf(more));
        }

        /** What the schema itself says. */
        Objects withoutRestrictions() {
            return new Objects(
                    parts.stream().filter(part -> !part.isRestriction()).toList());
        }
    }

    /**
     * What one schema says of objects.
     *
     * @param additional schema of the properties that are neither named nor match a pattern, if it is given
     * @param max {@link Expression#UNBOUNDED} for any number
     * @param isRestriction whether it only holds texts back
     */
    record ObjectPart(
            SequencedMap<String, Schema> properties,
            List<PatternProperty> patterns,
            Optional<Schema> additional,
            SequencedSet<String> required,
            int min,
            int max,
            Optional<Schema> names,
            boolean isRestriction,
            String place) {

        List<Schema> property(String name) {
            List<Schema> found = new ArrayList<>();
            Schema own = properties.get(name);
            if (own != null) {
                found.add(own);
            }
            patterns.stream().filter(p -> p.names().matches(name)).forEach(p -> found.add(p.schema()));
            if (found.isEmpty()) {
                additional.ifPresent(found::add);
            }
            return found;
        }

        /** Holds objects with one property back. */
        static ObjectPart without(String name, Schema nothing) {
            return new ObjectPart(
                    new LinkedHashMap<>(Map.of(name, nothing)),
                    List.of(),
                    Optional.empty(),
                    new LinkedHashSet<>(),
                    0,
                    Expression.UNBOUNDED,
                    Optional.empty(),
                    true,
                    nothing.place());
        }
    }

    /** @param names of the properties that are meant */
    record PatternProperty(Dfa names, Schema schema) {}
}
