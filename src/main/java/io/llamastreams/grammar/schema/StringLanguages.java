package io.llamastreams.grammar.schema;

import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.rule.CodePointAutomata;
import io.llamastreams.grammar.rule.Expression;
import java.util.ArrayList;
import java.util.List;

/** Strings with patterns, formats and limits as automata over code points. */
final class StringLanguages {
    /** Characters that are counted of strings with a pattern at most; a higher limit is lowered to it. */
    private static final int MAX_COUNTED_STATES = 5_000;

    private StringLanguages() {}

    /** @throws LanguageTooLargeException if there is no room for it */
    static Dfa of(ValueSet.Strings strings) {
        List<Dfa> languages = new ArrayList<>(strings.patterns());
        languages.addAll(strings.restrictions());
        Dfa all = languages.isEmpty() ? CodePointAutomata.of(StringFormats.ANY_TEXT) : languages.getFirst();
        for (int i = 1; i < languages.size(); i++) {
            all = all.intersect(languages.get(i), CodePointAutomata.MAX_STATES);
        }
        int roomFor = Math.max(strings.min() + 1, MAX_COUNTED_STATES / all.size());
        int longest = all.longest();
        boolean isBounded = strings.max() < Expression.UNBOUNDED && (longest < 0 || longest > strings.max());
        int max = isBounded ? Math.min(strings.max(), roomFor) : strings.max();
        return all.ofLength(strings.min(), max, CodePointAutomata.MAX_STATES);
    }
}
