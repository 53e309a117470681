package io.llamastreams.grammar.rule;

import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Dfa;
import java.util.List;
import java.util.stream.Collectors;

/** What texts are made of: a regular expression over characters that may also call rules. Immutable. */
public sealed interface Expression {

    int UNBOUNDED = Integer.MAX_VALUE;

    Expression EMPTY = new Sequence(List.of());

    /** One character of a set. */
    record Characters(CodePointSet set) implements Expression {}

    /**
     * One symbol that is no character: stands for the start or the end of the text while a regular expression is worked out.
     *
     * @param symbol above all code points
     */
    record Anchor(int symbol) implements Expression {
        public static final int BEGIN = CodePointSet.MAX + 1;
        public static final int END = CodePointSet.MAX + 2;
    }

    record Sequence(List<Expression> parts) implements Expression {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /** Any of the parts; of none there is no text. */
    record Choice(List<Expression> parts) implements Expression {
        public Choice {
            parts = List.copyOf(parts);
        }
    }

    /** @param max {@link #UNBOUNDED} for any number */
    record Repeat(Expression item, int min, int max) implements Expression {}

    /** The words of a language over code points, written in an encoding. */
    record Language(Dfa words, Encoding encoding) implements Expression {}

    /** Ways through a graph from node 0 to node 1 along edges that are labelled with expressions. */
    record Graph(int nodeCount, List<Edge> edges) implements Expression {
        static final int START = 0;
        static final int END = 1;

        public record Edge(int from, Expression label, int to) {}

        public Graph {
            edges = List.copyOf(edges);
        }
    }

    /** A text of a rule. */
    record Call(int rule) implements Expression {}

    /**
     * A JSON string of so many characters; the whole of a rule only.
     *
     * @param character rule of one character inside the quotation marks
     */
    record CountedString(int character, int min, int max) implements Expression {}

    static Expression literal(String text) {
        return new Sequence(text.codePoints()
                .mapToObj(c -> new Characters(CodePointSet.of(c)))
                .collect(Collectors.toList()));
    }

    static Expression sequence(Expression... parts) {
        return new Sequence(List.of(parts));
    }

    static Expression choice(Expression... parts) {
        return new Choice(List.of(parts));
    }

    static Expression optional(Expression item) {
        return new Repeat(item, 0, 1);
    }
}
