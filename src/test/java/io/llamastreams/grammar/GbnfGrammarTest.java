package io.llamastreams.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.llamastreams.grammar.mask.StackMachine;
import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.rule.GrammarException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Grammars in llama.cpp's notation: examples of its guide, written anew, and what they must admit and refuse. */
class GbnfGrammarTest {
    private static final TokenBytes BYTES = Vocabularies.bytes();
    private static final TokenBytes AWKWARD = Vocabularies.awkward();

    private static final String CHESS = """
            # a game: numbered pairs of moves
            root    ::= "1. " move " " move "\\n" ([1-9] [0-9]? ". " move " " move "\\n")+
            move    ::= (pawn | piece | castle) [+#]?
            piece   ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
            pawn    ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
            castle  ::= "O-O" "-O"?
            """;

    private static final String ARITHMETIC = """
            root ::= (expr "=" ws term "\\n")+
            expr ::= term ([-+*/] term)*
            term ::= ident | num | "(" ws expr ")" ws
            ident ::= [a-z] [a-z0-9_]* ws
            num ::= [0-9]+ ws
            ws ::= [ \\t\\n]*
            """;

    private static final String JSON = """
            root   ::= object
            value  ::= object | array | string | number | ("true" | "false" | "null") ws
            object ::=
              "{" ws (
                        string ":" ws value
                ("," ws string ":" ws value)*
              )? "}" ws
            array  ::=
              "[" ws (
                        value
                ("," ws value)*
              )? "]" ws
            string ::=
              "\\"" (
                [^"\\\\\\x7F\\x00-\\x1F] |
                "\\\\" (["\\\\bfnrt] | "u" [0-9a-fA-F]{4}) # escapes
              )* "\\"" ws
            number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
            ws ::= | " " | "\\n" [ \\t]{0,20}
            """;

    @Test
    void readsAGameOfChess() {
        Grammar grammar = Grammar.ofGbnf(CHESS, BYTES);
        assertThat(Walk.accepts(grammar, "1. e4 e5\n2. Nf3 Nc6\n")).isTrue();
        assertThat(Walk.accepts(grammar, "1. e4 e5\n10. O-O-O exd8=Q+\n")).isTrue();
        assertThat(Walk.accepts(grammar, "1. e4 e5\n")).isFalse();
        assertThat(Walk.begins(grammar, "1. e9")).isFalse();
        assertThat(Walk.begins(grammar, "2. e4")).isFalse();
    }

    @Test
    void readsArithmetic() {
        Grammar grammar = Grammar.ofGbnf(ARITHMETIC, BYTES);
        assertThat(Walk.accepts(grammar, "x1 *(2 +y)= 7\n")).isTrue();
        assertThat(Walk.accepts(grammar, "((((1))))=1\n(a)=2\n")).isTrue();
        assertThat(Walk.accepts(grammar, "x=1")).isFalse();
        assertThat(Walk.begins(grammar, "x+*")).isFalse();
        assertThat(Walk.begins(grammar, "(1=")).isFalse();
    }

    @Test
    void makesJsonByTheGrammarOfJson() throws JsonProcessingException {
        Grammar grammar = Grammar.ofGbnf(JSON, AWKWARD);
        ObjectMapper mapper = new ObjectMapper();
        Random random = new Random(3);
        assertThat(Walk.accepts(grammar, "{\"a\": [1, -2.5e3, {}],\n  \"b\": null}"))
                .isTrue();
        assertThat(Walk.begins(grammar, "[")).isFalse();
        for (Adversary adversary : Adversary.values()) {
            for (int budget : new int[] {2, 3, 5, 9, 40, 150}) {
                String text = Walk.make(grammar, AWKWARD, adversary, random, budget, false);
                // by this grammar an exponent may have 16 digits, and become infinite
                assertThat(mapper.readTree(text).isObject()).as(text).isTrue();
            }
        }
    }

    @Test
    void knowsTheNotation() {
        Grammar grammar = Grammar.ofGbnf(
                "root ::= a_1 B-2 |\n  \"\" . \"\\x41\\u00e9\\U0001F600\" | [^\\n\\]-] [a\\-c-e]{2} (\"p\" # comment )\n | \"q\") \"[\\\"]\"?\n"
                        + "# between\n\na_1 ::= \"x\"{2,}\nB-2::=\"y\"{0,2}\"z\"",
                BYTES);
        assertThat(Walk.accepts(grammar, "xxz")).isTrue();
        assertThat(Walk.accepts(grammar, "xxxxyyz")).isTrue();
        assertThat(Walk.accepts(grammar, "xz")).isFalse();
        assertThat(Walk.accepts(grammar, "xxyyyz")).isFalse();
        assertThat(Walk.accepts(grammar, "\nAé😀")).isTrue();
        assertThat(Walk.accepts(grammar, "漢Aé😀")).isTrue();
        assertThat(Walk.accepts(grammar, "b-dp")).isTrue();
        assertThat(Walk.accepts(grammar, "badq[\"]")).isTrue();
        assertThat(Walk.accepts(grammar, "]aaq")).isFalse();
        assertThat(Walk.accepts(grammar, "bbaq")).isFalse();
    }

    @Test
    void admitsRecursionOnTheRightAndInTheMiddle() {
        Grammar pairs = Grammar.ofGbnf("root ::= \"(\" root \")\" root | \"\"", AWKWARD);
        assertThat(Walk.accepts(pairs, "(()())()")).isTrue();
        assertThat(Walk.accepts(pairs, "(()")).isFalse();
        Random random = new Random(5);
        for (int budget : new int[] {1, 2, 3, 10, 500, 3_000}) {
            String text = Walk.make(pairs, AWKWARD, Adversary.OPENERS, random, budget, false);
            assertThat(depthOfParentheses(text)).isLessThanOrEqualTo(StackMachine.MAX_DEPTH + 2);
        }
    }

    private static int depthOfParentheses(String text) {
        int depth = 0;
        int deepest = 0;
        for (int i = 0; i < text.length(); i++) {
            depth += text.charAt(i) == '(' ? 1 : -1;
            assertThat(depth).isNotNegative();
            deepest = Math.max(deepest, depth);
        }
        assertThat(depth).isZero();
        return deepest;
    }

    @Test
    void keepsManyReadingsSmall() {
        Grammar grammar =
                Grammar.ofGbnf("root ::= \"a\" x | \"a\" y | \"c\"\nx ::= root \"x\"\ny ::= root \"y\"\n", BYTES);
        String text = "a".repeat(100) + "c" + "xy".repeat(50);
        assertThat(Walk.accepts(grammar, text)).isTrue();
        assertThat(Walk.accepts(grammar, text + "x")).isFalse();
    }

    @Test
    void saysWhatIsWrong() {
        String[][] grammarsAndMessages = {
            {"root ::= root \"a\" | \"b\"", "rule \"root\": expected a character before the rule comes to call itself"},
            {"root ::= a\na ::= b \"x\"\nb ::= c? a | \"y\"\nc ::= \"\"", "left recursion"},
            {"root ::= a", "line 1: expected a rule a somewhere, found none"},
            {"a ::= \"x\"", "grammar: expected a rule root somewhere, found none"},
            {"root ::= \"a", "line 1: expected a text that ends with \""},
            {"root ::= [a", "line 1: expected a class that ends with ]"},
            {"root ::= \"a\"\n  | \"b\"", "line 2: expected the name of a rule, found \"| \"b\"\""},
            {"root = \"a\"", "line 1: expected ::=, found \"= \"a\"\""},
            {"root ::= (\"a\"", "line 1: expected ), found the end"},
            {"root ::= *", "line 1: expected something to repeat"},
            {"root ::= \"a\"{3,1}", "expected a second number that is not below the first"},
            {"root ::= \"a\"{x}", "line 1: expected a number, found \"x}\""},
            {"root ::= \"\\q\"", "line 1: expected an escape that is known"},
            {"root ::= \"a\"\nroot ::= \"b\"", "line 2: expected one rule of that name"},
            {"root ::= <think>", "line 1: expected characters or rules, no tokens"},
            {"root ::= \"a\" a\na ::= \"b\" a", "expected a text that can be written, found none"},
        };
        for (String[] entry : grammarsAndMessages) {
            assertThatExceptionOfType(GrammarException.class)
                    .as(entry[0])
                    .isThrownBy(() -> Grammar.ofGbnf(entry[0], BYTES))
                    .withMessageStartingWith("grammar: ")
                    .withMessageContaining(entry[1]);
        }
    }

    @Test
    void refusesNestingTooDeep() {
        String gbnf = "root ::= " + "(".repeat(3_000) + "\"a\"" + ")".repeat(3_000);
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofGbnf(gbnf, BYTES))
                .withMessageContaining("nested at most 64 deep");
    }

    @Test
    void compilesLongChainsOfRules() {
        StringBuilder gbnf = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 3_000; i++) {
            gbnf.append("r%d ::= \"a\" r%d?\n".formatted(i, i + 1));
        }
        gbnf.append("r3000 ::= \"z\"\n");
        Grammar grammar = Grammar.ofGbnf(gbnf.toString(), BYTES);
        assertThat(Walk.accepts(grammar, "a".repeat(3_000) + "z")).isTrue();
        assertThat(Walk.accepts(grammar, "a".repeat(3_001))).isFalse();
    }
}
