package io.llamastreams.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.rule.GrammarException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Damaged and hostile constraints are refused by the one exception, or compiled; none brings a thread down. */
class HostileConstraintsTest {
    private static final TokenBytes BYTES = Vocabularies.bytes();
    private static final String BITS = "\"\\{}[]()|*+?.^$-,:#<>0129aAé\u0000\n 漢😀";

    private static String damaged(String text, Random random) {
        StringBuilder damaged = new StringBuilder(text);
        for (int i = 1 + random.nextInt(4); i > 0 && !damaged.isEmpty(); i--) {
            int at = random.nextInt(damaged.length());
            switch (random.nextInt(4)) {
                case 0 -> damaged.deleteCharAt(at);
                case 1 -> damaged.insert(at, BITS.charAt(random.nextInt(BITS.length())));
                case 2 -> damaged.setCharAt(at, BITS.charAt(random.nextInt(BITS.length())));
                default -> {
                    int end = Math.min(damaged.length(), at + random.nextInt(20));
                    damaged.insert(random.nextInt(damaged.length()), damaged.substring(at, end));
                }
            }
        }
        return damaged.toString();
    }

    private static void tryOut(List<String> texts, int rounds, Function<String, Grammar> compiler) {
        Random random = new Random(41);
        int compiled = 0;
        int refused = 0;
        for (int round = 0; round < rounds; round++) {
            String text = damaged(texts.get(round % texts.size()), random);
            try {
                Grammar grammar = compiler.apply(text);
                int budget = Math.max(1, grammar.fewestTokens());
                if (budget < 5_000) {
                    Walk.make(grammar, BYTES, Adversary.UNIFORM, random, budget, false);
                }
                compiled++;
            } catch (GrammarException e) {
                assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(1_000);
                refused++;
            } catch (RuntimeException | StackOverflowError e) {
                fail("round " + round + ": " + text, e);
            }
        }
        assertThat(compiled).isPositive();
        assertThat(refused).isPositive();
    }

    @Test
    void survivesDamagedExpressions() {
        tryOut(
                List.of(
                        "^(?:[a-z\\d]{2,5}|\\w+\\.)*x{3}$",
                        "[^\\]a-f\\u00e9]+?(?<n>b|c)*", "\\p{Lu}\\x41.{0,9}(((a)b)c)"),
                2_000,
                text -> Grammar.ofRegex(text, BYTES));
    }

    @Test
    void survivesDamagedGrammars() {
        tryOut(
                List.of(
                        "root ::= \"a\" (b | [c-e]{1,3})* # x\nb ::= \"\\x41\" root? | .\n",
                        "root ::= item (\",\" item)*\nitem ::= \"[\" root? \"]\" | [0-9]+\n"),
                2_000,
                text -> Grammar.ofGbnf(text, BYTES));
    }

    @Test
    void survivesDamagedSchemas() {
        List<String> schemas = new ArrayList<>();
        for (int seed = 500; seed < 540; seed++) {
            schemas.add(RandomSchema.of(seed));
        }
        tryOut(schemas, 1_200, text -> Grammar.ofJsonSchema(text, BYTES));
    }

    @Test
    void survivesLargeAndDeepSchemas() {
        StringBuilder properties = new StringBuilder();
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            properties.append(",\"property%d\":{\"type\":\"integer\"}".formatted(i));
        }
        for (int i = 0; i < 3_000; i++) {
            values.append(",\"value %d\"".formatted(i * 7919));
        }
        assertCompiles("{\"type\":\"object\",\"properties\":{" + properties.substring(1) + "}}");
        assertCompiles("{\"enum\":[" + values.substring(1) + "]}");
        assertCompiles("{\"type\":\"string\",\"minLength\":100000,\"maxLength\":2000000000}");
        assertCompiles("{\"type\":\"string\",\"pattern\":\"^[a-z]+$\",\"maxLength\":2000000000}");
        assertCompiles("{\"items\":".repeat(300) + "{\"type\":\"null\"}" + "}".repeat(300));
        assertCompiles("{\"const\":" + "[".repeat(400) + "]".repeat(400) + "}");
        assertCompiles("{\"type\":\"number\",\"minimum\":-1e200,\"maximum\":1e200}");
    }

    @Test
    void refusesWhatWouldTakeTooMuch() {
        assertRefused("{\"allOf\":[".repeat(300) + "{}" + "]}".repeat(300));
        String any = "{\"anyOf\":[%s]}"
                .formatted("{\"type\":\"integer\",\"minimum\":1},".repeat(12) + "{\"type\":\"integer\",\"maximum\":3}");
        assertRefused("{\"allOf\":[" + (any + ",").repeat(9) + any + "]}");
        assertRefused("{\"type\":\"string\",\"minLength\":2000000000}");
        assertRefused("[".repeat(100_000));
        assertRefused(" ".repeat(1_000_001));
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofRegex("((a?){300}){300}", BYTES))
                .withMessageContaining("states");
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofGbnf("root ::= (a{2000}){2000}\na ::= \"x\" | \"y\" a", BYTES))
                .withMessageContaining("states");
    }

    private static void assertCompiles(String schema) {
        assertThat(Grammar.ofJsonSchema(schema, BYTES).fewestTokens()).isPositive();
    }

    private static void assertRefused(String schema) {
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofJsonSchema(schema, BYTES))
                .withMessageStartingWith("json_schema");
    }
}
