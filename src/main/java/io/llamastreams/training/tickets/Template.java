package io.llamastreams.training.tickets;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One skeleton of a sentence: {@code I {want|need} <item>{| today}.} Choices may nest; slots are named in angle
 * brackets. Immutable; any thread.
 */
final class Template {

    private sealed interface Node {}

    private record Literal(String text) implements Node {}

    private record Slot(String name) implements Node {}

    private record Sequence(List<Node> parts) implements Node {}

    private record Choice(List<Node> options) implements Node {}

    private final String source;
    private final Node root;

    private Template(String source, Node root) {
        this.source = source;
        this.root = root;
    }

    /** @throws IllegalArgumentException if a bracket has no partner */
    static Template parse(String source) {
        Parser parser = new Parser(source);
        Node root = parser.sequence();
        if (parser.position < source.length()) {
            throw new IllegalArgumentException("template: unexpected '" + source.charAt(parser.position) + "' at "
                    + parser.position + ": " + source);
        }
        return new Template(source, root);
    }

    /** Chooses at random and fills each slot with what {@code slots} says of its name. */
    String render(CounterRandom random, Function<String, String> slots) {
        StringBuilder text = new StringBuilder();
        render(root, random, slots, text);
        return text.toString();
    }

    /** Every way to choose, slots left in place. */
    List<String> expansions() {
        return expansions(root);
    }

    long expansionCount() {
        return expansionCount(root);
    }

    @Override
    public String toString() {
        return source;
    }

    private static void render(Node node, CounterRandom random, Function<String, String> slots, StringBuilder text) {
        switch (node) {
            case Literal literal -> text.append(literal.text);
            case Slot slot -> text.append(slots.apply(slot.name));
            case Sequence sequence -> sequence.parts.forEach(part -> render(part, random, slots, text));
            case Choice choice -> render(random.oneOf(choice.options), random, slots, text);
        }
    }

    private static long expansionCount(Node node) {
        return switch (node) {
            case Literal literal -> 1;
            case Slot slot -> 1;
            case Sequence sequence ->
                sequence.parts.stream().mapToLong(Template::expansionCount).reduce(1, Math::multiplyExact);
            case Choice choice ->
                choice.options.stream().mapToLong(Template::expansionCount).sum();
        };
    }

    private static List<String> expansions(Node node) {
        return switch (node) {
            case Literal literal -> List.of(literal.text);
            case Slot slot -> List.of("<" + slot.name + ">");
            case Choice choice ->
                choice.options.stream()
                        .flatMap(option -> expansions(option).stream())
                        .toList();
            case Sequence sequence -> {
                List<String> heads = List.of("");
                for (Node part : sequence.parts) {
                    List<String> tails = expansions(part);
                    heads = heads.stream()
                            .flatMap(head -> tails.stream().map(head::concat))
                            .toList();
                }
                yield heads;
            }
        };
    }

    /** Recursive descent; stands at {@code position}. */
    private static final class Parser {

        private final String source;
        private int position;

        Parser(String source) {
            this.source = source;
        }

        Node sequence() {
            List<Node> parts = new ArrayList<>();
            while (position < source.length()) {
                switch (source.charAt(position)) {
                    case '|', '}' -> {
                        return new Sequence(List.copyOf(parts));
                    }
                    case '{' -> parts.add(choice());
                    case '<' -> parts.add(slot());
                    default -> parts.add(literal());
                }
            }
            return new Sequence(List.copyOf(parts));
        }

        private Choice choice() {
            List<Node> options = new ArrayList<>();
            do {
                position++; // past '{' or '|'
                options.add(sequence());
                if (position == source.length()) {
                    throw new IllegalArgumentException("template: '{' without '}': " + source);
                }
            } while (source.charAt(position) == '|');
            position++; // past '}'
            return new Choice(List.copyOf(options));
        }

        private Slot slot() {
            int end = source.indexOf('>', position);
            if (end < 0) {
                throw new IllegalArgumentException("template: '<' without '>': " + source);
            }
            Slot slot = new Slot(source.substring(position + 1, end));
            position = end + 1;
            return slot;
        }

        private Literal literal() {
            int start = position;
            while (position < source.length() && "{|}<".indexOf(source.charAt(position)) < 0) {
                position++;
            }
            return new Literal(source.substring(start, position));
        }
    }
}
