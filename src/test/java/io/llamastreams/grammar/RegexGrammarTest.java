package io.llamastreams.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.rule.GrammarException;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Regular expressions against java.util.regex. */
class RegexGrammarTest {
    private static final TokenBytes BYTES = Vocabularies.bytes();
    private static final TokenBytes AWKWARD = Vocabularies.awkward();

    private static final List<String> EXPRESSIONS = List.of(
            "abc",
            "a|b|",
            "(a|b)*abb",
            "a+b?c*",
            "(?:ab){2,3}",
            "a{3}",
            "a{2,}",
            "(?<year>[0-9]{4})-[01][0-9]",
            "[^a-c\\d]x",
            "[^\\s]+",
            "[^\\S]",
            "\\d+\\.\\d*",
            "\\w+\\s\\w+",
            "\\W\\S\\D",
            ".",
            ".*?b.+?",
            "[a\\-z]+",
            "[-a]+",
            "[a-]+",
            "\\x41\\u00e9\\t\\n",
            "[\\u4e00-\\u9fff]{1,3}",
            "[😀-😎]+",
            "é|漢|😀",
            "^(a|b)c$",
            "^ab|cd$",
            "(^a|b)c",
            "a(b|c$)",
            "\\p{Lu}\\p{Ll}+",
            "\\P{L}",
            "\\(\\[\\{\\.\\\\\\/",
            "((a?b?)*c)*",
            "[\\w.]+@[\\w.]+",
            "(a{0,3}){2}",
            "x*y*z*",
            "");

    @Test
    void admitsWhatJavaMatches() {
        Random random = new Random(1);
        String[] parts = {
            "a", "b", "c", "d", "x", "y", "z", "A", "0", "7", "9", " ", "\n", "\t", ".", "-", "_", "@", "é", "漢", "字",
            "😀", "😁", "(", "[", "{", "\\", "/", "2024", "abb", "ab", "\u2028", "\u00a0"
        };
        for (String expression : EXPRESSIONS) {
            Grammar grammar = Grammar.ofRegex(expression, BYTES);
            Pattern pattern = Pattern.compile(expression);
            for (int i = 0; i < 2_000; i++) {
                StringBuilder text = new StringBuilder();
                int count = random.nextInt(7);
                for (int j = 0; j < count; j++) {
                    text.append(parts[random.nextInt(parts.length)]);
                }
                boolean matches = pattern.matcher(text).matches();
                // white space outside of ASCII is left out where dialects differ on it
                boolean isRare = text.indexOf("\u2028") >= 0 || text.indexOf("\u00a0") >= 0;
                boolean accepts = Walk.accepts(grammar, text.toString());
                assertThat(accepts).as("%s on <%s>", expression, text).isEqualTo(matches && (!isRare || accepts));
            }
        }
    }

    @Test
    void makesTextsThatJavaMatches() {
        Random random = new Random(2);
        for (String expression : EXPRESSIONS) {
            Grammar grammar = Grammar.ofRegex(expression, AWKWARD);
            Pattern pattern = Pattern.compile(expression);
            for (Adversary adversary : Adversary.values()) {
                for (int budget : new int[] {0, 1, 3, 20}) {
                    String text = Walk.make(
                            grammar, AWKWARD, adversary, random, Math.max(1, grammar.fewestTokens() + budget), false);
                    assertThat(pattern.matcher(text).matches())
                            .as("%s on <%s> by %s", expression, text, adversary)
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "(?=a)b; at 0: expected a plain group, a named one or (?:, found \"(?=a)b\"",
                "a(?<!b)c; at 1: expected a plain group",
                "(?i)a; at 0: expected a plain group",
                "(a)\\1; at 3: expected an escape that is known, found \"\\1\"",
                "a\\bb; at 1: expected an escape that is known",
                "a**; at 2: expected no second repetition",
                "a++; at 2: expected no second repetition",
                "*a; at 0: expected something to repeat",
                "a{2; at 3: expected }, found the end",
                "a{3,2}; expected a second number that is not below the first",
                "a{5000}; at 2: expected a number up to 1000",
                "(a; at 2: expected ), found the end",
                "a); at 1: expected the end, found \")\"",
                "[a; at 0: expected a class that ends with ]",
                "[]a]; at 1: expected a character of the class",
                "[z-a]; at 1: expected a range from a lower to a higher character",
                "[a&&b]; at 2: expected plain members of a class",
                "\\; at 0: expected a character behind \\",
                "\\xZZ; at 0: expected the hexadecimal number of a character",
                "\\p{Nonsense}; at 0: expected a general category",
                "a]; at 1: expected \\] for the character itself",
            })
    void saysWhereAnExpressionCannotBeRead(String expression, String message) {
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofRegex(expression, BYTES))
                .withMessageStartingWith("regex: ")
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a^b", "[^\\s\\S]", "a$b"})
    void refusesExpressionsWithoutTexts(String expression) {
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofRegex(expression, BYTES))
                .withMessageContaining("found none that the constraint admits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a|b)*a(a|b){20}", "((a{100}){100}){100}", "(.{900}){900}"})
    void refusesExpressionsThatExplode(String expression) {
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofRegex(expression, BYTES))
                .withMessageContaining("states");
    }

    @Test
    void refusesGroupsNestedTooDeep() {
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofRegex("(".repeat(4_000) + ")".repeat(4_000), BYTES))
                .withMessageContaining("nested at most 200 deep");
    }
}
