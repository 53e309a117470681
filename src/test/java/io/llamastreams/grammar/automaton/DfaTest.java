package io.llamastreams.grammar.automaton;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.grammar.regex.RegexParser;
import io.llamastreams.grammar.rule.Encoding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Operations on languages against what they mean for each short text. */
class DfaTest {
    private static final String[] EXPRESSIONS = {
        "a*", "(ab)*", "[ab]{2,3}", "a|bb|", "(a|b)*a", "b+a?", "(a|b)*aba(a|b)*", "[^a]*", "c?[abc]*", "", "a[abc]c|b"
    };

    private static List<String> texts() {
        List<String> texts = new ArrayList<>(List.of(""));
        for (int i = 0; texts.get(i).length() < 5; i++) {
            for (char c : "abc".toCharArray()) {
                texts.add(texts.get(i) + c);
            }
        }
        return texts;
    }

    @Test
    void combinesLanguages() {
        List<String> texts = texts();
        for (String one : EXPRESSIONS) {
            for (String other : EXPRESSIONS) {
                Dfa a = RegexParser.whole("a", one);
                Dfa b = RegexParser.whole("b", other);
                Dfa both = a.intersect(b, 1_000);
                Dfa less = a.minus(b, 1_000);
                Dfa measured = a.ofLength(2, 4, 1_000);
                for (String text : texts) {
                    boolean inA = Pattern.matches(one, text);
                    boolean inB = Pattern.matches(other, text);
                    assertThat(both.matches(text)).isEqualTo(inA && inB);
                    assertThat(less.matches(text)).isEqualTo(inA && !inB);
                    assertThat(measured.matches(text)).isEqualTo(inA && text.length() >= 2 && text.length() <= 4);
                }
            }
        }
    }

    @Test
    void knowsShortestAndLongestWords() {
        assertThat(RegexParser.whole("", "abc|a").shortest()).isEqualTo(1);
        assertThat(RegexParser.whole("", "abc|a").longest()).isEqualTo(3);
        assertThat(RegexParser.whole("", "ab*").longest()).isEqualTo(-1);
        assertThat(RegexParser.whole("", "").longest()).isZero();
        assertThat(RegexParser.whole("", "[^\\s\\S]").shortest()).isEqualTo(Integer.MAX_VALUE);
        assertThat(RegexParser.whole("", "a")
                        .intersect(RegexParser.whole("", "b"), 9)
                        .isEmpty())
                .isTrue();
    }

    @Test
    void findsTheSmallestAutomaton() {
        // by hand: even numbers of a; words that end in ab; all words
        assertThat(RegexParser.whole("", "(b*ab*a)*b*").minimise().size()).isEqualTo(2);
        assertThat(RegexParser.whole("", "(a|b)*ab").minimise().size()).isEqualTo(3);
        assertThat(RegexParser.whole("", "(a|b|(aa)*|(ab)*)*").minimise().size())
                .isEqualTo(1);
        assertThat(RegexParser.whole("", "(a|b)(a|b)(a|b)|aaa|bbb").minimise().size())
                .isEqualTo(4);
    }

    @Test
    void writesCharactersAsUtf8() {
        Random random = new Random(29);
        for (int round = 0; round < 200; round++) {
            int first = random.nextInt(random.nextBoolean() ? 0x900 : CodePointSet.MAX);
            int last = Math.min(CodePointSet.MAX, first + random.nextInt(random.nextBoolean() ? 300 : 100_000));
            CodePointSet set = CodePointSet.range(first, last);
            Dfa bytes = Encoding.PLAIN.encode(set);
            for (int i = 0; i < 200; i++) {
                int c = Math.clamp(first - 50L + random.nextInt(last - first + 100), 0, CodePointSet.MAX);
                if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                    assertThat(matchesBytes(bytes, Character.toString(c).getBytes(StandardCharsets.UTF_8)))
                            .isEqualTo(c >= first && c <= last);
                }
            }
            byte[] any = new byte[1 + random.nextInt(4)];
            random.nextBytes(any);
            String decoded = new String(any, StandardCharsets.UTF_8);
            boolean isOne = decoded.codePointCount(0, decoded.length()) == 1
                    && java.util.Arrays.equals(decoded.getBytes(StandardCharsets.UTF_8), any);
            assertThat(matchesBytes(bytes, any)).isEqualTo(isOne && set.contains(decoded.codePointAt(0)));
        }
    }

    private static boolean matchesBytes(Dfa dfa, byte[] bytes) {
        int state = 0;
        for (int i = 0; i < bytes.length && state >= 0; i++) {
            state = dfa.next(state, bytes[i] & 0xFF);
        }
        return state >= 0 && dfa.accepts(state);
    }

    @Test
    void computesWithSetsOfCodePoints() {
        Random random = new Random(31);
        for (int round = 0; round < 300; round++) {
            CodePointSet a = random(random);
            CodePointSet b = random(random);
            for (int c = 0; c < 60; c++) {
                assertThat(a.union(b).contains(c)).isEqualTo(a.contains(c) || b.contains(c));
                assertThat(a.intersect(b).contains(c)).isEqualTo(a.contains(c) && b.contains(c));
                assertThat(a.minus(b).contains(c)).isEqualTo(a.contains(c) && !b.contains(c));
                assertThat(a.complement().contains(c)).isEqualTo(!a.contains(c));
            }
            assertThat(a.complement().complement()).isEqualTo(a);
            assertThat(a.contains(0xD800)).isFalse();
        }
    }

    private static CodePointSet random(Random random) {
        CodePointSet set = CodePointSet.NONE;
        for (int i = random.nextInt(5); i > 0; i--) {
            int first = random.nextInt(50);
            set = set.union(CodePointSet.range(first, first + random.nextInt(8)));
        }
        return random.nextInt(4) == 0 ? set.complement() : set;
    }
}
