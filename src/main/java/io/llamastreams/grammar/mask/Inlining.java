package io.llamastreams.grammar.mask;

import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.Rules;
import java.util.List;

/** Which calls of rules are replaced by what the rules say: those of small rules that cannot come to call themselves. */
final class Inlining {
    private static final int MAX_SIZE = 2_000;
    private static final int MAX_DEPTH = 32;
    private static final int UNKNOWN = 0;
    private static final int UNDER_WAY = -1;

    private final Rules rules;

    /** Size of each rule's expression with what is replaced in it, or one of the above. */
    private final int[] sizes;

    /** Whether a rule may come to call itself through rules that would be replaced. */
    private final boolean[] recursive;

    private Inlining(Rules rules) {
        this.rules = rules;
        sizes = new int[rules.size()];
        recursive = new boolean[rules.size()];
    }

    /** By rule. */
    static boolean[] choose(Rules rules) {
        Inlining inlining = new Inlining(rules);
        boolean[] inlined = new boolean[rules.size()];
        for (int rule = 0; rule < inlined.length; rule++) {
            inlining.visit(rule, 0);
        }
        for (int rule = 0; rule < inlined.length; rule++) {
            inlined[rule] = inlining.isReplaced(rule);
        }
        return inlined;
    }

    private boolean isReplaced(int rule) {
        return rules.isInlined(rule) && !recursive[rule] && sizes[rule] > 0 && sizes[rule] <= MAX_SIZE;
    }

    private int visit(int rule, int depth) {
        if (sizes[rule] == UNDER_WAY || depth > MAX_DEPTH) {
            recursive[rule] = true;
            return 1;
        }
        if (sizes[rule] == UNKNOWN) {
            sizes[rule] = UNDER_WAY;
            int size = sizeOf(rules.expression(rule), depth);
            sizes[rule] = Math.max(1, size);
        }
        return isReplaced(rule) ? sizes[rule] : 1;
    }

    private int sizeOf(Expression expression, int depth) {
        return switch (expression) {
            case Expression.Characters characters -> 1;
            case Expression.Anchor anchor -> 1;
            case Expression.Sequence sequence -> sizeOf(sequence.parts(), depth);
            case Expression.Choice choice -> sizeOf(choice.parts(), depth);
            case Expression.Repeat repeat -> {
                int copies = repeat.max() == Expression.UNBOUNDED ? repeat.min() + 1 : repeat.max();
                yield bounded((long) Math.max(1, copies) * sizeOf(repeat.item(), depth));
            }
            case Expression.Language language -> language.words().size();
            case Expression.Graph graph -> {
                long sum = 1;
                for (Expression.Graph.Edge edge : graph.edges()) {
                    sum += sizeOf(edge.label(), depth);
                }
                yield bounded(sum);
            }
            case Expression.Call call -> visit(call.rule(), depth + 1);
            case Expression.CountedString counted -> MAX_SIZE + 1;
        };
    }

    private int sizeOf(List<Expression> parts, int depth) {
        long sum = 1;
        for (Expression part : parts) {
            sum += sizeOf(part, depth);
        }
        return bounded(sum);
    }

    private static int bounded(long size) {
        return (int) Math.min(size, Integer.MAX_VALUE / 2);
    }
}
