package io.llamastreams.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.llamastreams.grammar.mask.StackSet;
import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.rule.GrammarException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GrammarStateTest {
    private static final TokenBytes AWKWARD = Vocabularies.awkward();

    private static final String SCHEMA = """
            {"type":"object","properties":{
               "name":{"type":"string","maxLength":6},
               "tags":{"type":"array","items":{"type":"string","pattern":"^[a-bé]+$"},"maxItems":2},
               "n":{"type":"number","minimum":-1.5,"maximum":20},
               "kind":{"enum":["ab","abc",null,true]},
               "next":{"$ref":"#"}},
             "required":["name","n"]}""";

    private static List<Grammar> grammars(TokenBytes tokens) {
        return List.of(
                Grammar.ofJsonSchema(SCHEMA, tokens),
                Grammar.ofJson(tokens),
                Grammar.ofRegex("(?:ab|a\"+)*[01]{2,5}é?\\.", tokens),
                Grammar.ofChoice(List.of("a", "ab", "abc", " ab", "漢字", ""), tokens),
                Grammar.ofGbnf(
                        "root ::= \"[\" (root (\",\" \" \"? root)*)? \"]\" | word\nword ::= [ab]+ | word2\nword2 ::= \"\\\"\" [^\"]* \"\\\"\"",
                        tokens),
                Grammar.ofGbnf("root ::= s\ns ::= \"a\" s \"b\" s | \"a\" s s | \"1\"", tokens));
    }

    @Test
    void masksAreThoseOfTokensTriedOneByOne() {
        for (Grammar grammar : grammars(AWKWARD)) {
            compareMasks(grammar, AWKWARD, 60, 40);
        }
        // limits nearer and farther than the longest token
        for (String limits : List.of("\"minLength\":9", "\"minLength\":2,\"maxLength\":40", "\"maxLength\":12")) {
            compareMasks(Grammar.ofJsonSchema("{\"type\":\"string\"," + limits + "}", AWKWARD), AWKWARD, 60, 60);
        }
    }

    @Test
    void masksOfALargeVocabularyAreThoseOfTokensTriedOneByOne() {
        TokenBytes tokens = Vocabularies.large();
        for (Grammar grammar : grammars(tokens)) {
            compareMasks(grammar, tokens, 2, 20);
        }
    }

    private static void compareMasks(Grammar grammar, TokenBytes tokens, int rounds, int more) {
        Random random = new Random(11);
        for (int round = 0; round < rounds; round++) {
            boolean dropsSpace = random.nextBoolean();
            GrammarState state = grammar.start(dropsSpace);
            StackSet at = grammar.machine().start();
            int left = grammar.fewestTokens() + random.nextInt(more);
            for (boolean isFirst = true; left > 0 && !state.isEnded(); left--, isFirst = false) {
                BitSet expected = triedOneByOne(grammar, tokens, at, left, dropsSpace && isFirst);
                assertThat(maskOf(state, tokens, left)).isEqualTo(expected);
                int token = pick(expected, random);
                state.accept(token);
                if (token != tokens.eosId()) {
                    byte[] bytes = dropsSpace && isFirst ? tokens.firstBytes(token) : tokens.bytes(token);
                    at = grammar.machine().next(at, bytes);
                }
                assertThat(state.isComplete()).isEqualTo(at.isWhole());
            }
        }
    }

    private static BitSet triedOneByOne(Grammar grammar, TokenBytes tokens, StackSet at, int left, boolean dropsSpace) {
        BitSet expected = new BitSet();
        for (int token = 0; token < tokens.vocabularySize(); token++) {
            byte[] bytes = dropsSpace ? tokens.firstBytes(token) : tokens.bytes(token);
            StackSet next =
                    bytes.length == 0 ? StackSet.DEAD : grammar.machine().next(at, bytes);
            expected.set(token, !next.isDead() && next.fewest() <= left - 1);
        }
        expected.set(tokens.eosId(), at.isWhole());
        return expected;
    }

    private static BitSet maskOf(GrammarState state, TokenBytes tokens, int left) {
        long[] allowed = new long[tokens.maskLength()];
        Arrays.fill(allowed, -1);
        state.mask(allowed, left);
        return BitSet.valueOf(allowed);
    }

    private static int pick(BitSet set, Random random) {
        int skip = random.nextInt(set.cardinality());
        int token = set.nextSetBit(0);
        for (int i = 0; i < skip; i++) {
            token = set.nextSetBit(token + 1);
        }
        return token;
    }

    @Test
    void shortestEndsAreThoseThatASearchFinds() {
        for (Grammar grammar : grammars(Vocabularies.bytes())) {
            StackSet at = grammar.machine().start();
            assertThat(at.fewest()).isEqualTo(searched(grammar, at));
        }
        Grammar counted = Grammar.ofJsonSchema("{\"type\":\"string\",\"minLength\":3}", Vocabularies.bytes());
        assertThat(counted.fewestTokens())
                .isEqualTo(5)
                .isEqualTo(searched(counted, counted.machine().start()));
    }

    /** Bytes to the next whole text, by trying all texts level by level. */
    private static int searched(Grammar grammar, StackSet start) {
        java.util.Set<StackSet> level = java.util.Set.of(start);
        for (int bytes = 0; bytes < 60; bytes++) {
            if (level.stream().anyMatch(StackSet::isWhole)) {
                return bytes;
            }
            java.util.Set<StackSet> next = new java.util.HashSet<>();
            for (StackSet at : level) {
                for (int value = 0; value < 256; value++) {
                    StackSet target = grammar.machine().next(at, (byte) value);
                    // only ways that may still be shortest, or the search would never end
                    if (!target.isDead() && target.fewest() <= at.fewest()) {
                        next.add(target);
                    }
                }
            }
            level = next;
        }
        return -1;
    }

    @Test
    void everyBudgetFromTheFewestOnIsEnough() {
        Random random = new Random(13);
        for (Grammar grammar : grammars(AWKWARD)) {
            for (Adversary adversary : Adversary.values()) {
                for (int more = 0; more < 12; more++) {
                    int budget = Math.max(1, grammar.fewestTokens() + more);
                    Walk.make(grammar, AWKWARD, adversary, random, budget, random.nextBoolean());
                }
            }
        }
    }

    @Test
    void goesTheShortestWayWhereTooFewTokensAreLeft() {
        Grammar grammar = Grammar.ofRegex("aaaa|bb", Vocabularies.bytes());
        GrammarState state = grammar.start(false);
        assertThat(grammar.fewestTokens()).isEqualTo(2);
        assertThat(maskOf(state, Vocabularies.bytes(), 1)).isEqualTo(BitSet.valueOf(bits('b')));
        state.accept(3 + 'b');
        assertThat(maskOf(state, Vocabularies.bytes(), 0)).isEqualTo(BitSet.valueOf(bits('b')));
    }

    private static long[] bits(char c) {
        BitSet set = new BitSet();
        set.set(3 + c);
        return set.toLongArray();
    }

    @Test
    void losesOneSpaceInFront() {
        TokenBytes tokens = Vocabularies.of(List.of(" yes", "  yes", " no", "no", " "));
        Grammar grammar = Grammar.ofChoice(List.of("yes", " yes"), tokens);
        int base = 3 + 256;
        assertThat(maskOf(grammar.start(true), tokens, 9)).isEqualTo(set(3 + 'y', base, base + 1));
        assertThat(maskOf(grammar.start(false), tokens, 9)).isEqualTo(set(3 + 'y', 3 + ' ', base, base + 4));
        GrammarState state = grammar.start(true);
        state.accept(base + 1);
        assertThat(state.isEnded()).isTrue();
        state = grammar.start(true);
        state.accept(3 + 'y');
        assertThat(state.isComplete()).isFalse();
    }

    private static BitSet set(int... tokens) {
        BitSet set = new BitSet();
        Arrays.stream(tokens).forEach(set::set);
        return set;
    }

    @Test
    void refusesTextsWhoseOnlyFirstSpaceWouldBeLost() {
        Grammar grammar = Grammar.ofChoice(List.of(" a"), Vocabularies.bytes());
        assertThat(grammar.start(false).isComplete()).isFalse();
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> grammar.start(true))
                .withMessageContaining("other than a space");
        Grammar possible = Grammar.ofChoice(List.of(" a"), Vocabularies.of(List.of("  a")));
        assertThat(possible.start(true).isComplete()).isFalse();
    }

    @Test
    void countsTokensForTheLongerWayIfTheFirstSpaceIsLost() {
        Grammar grammar = Grammar.ofChoice(List.of(" a", "bcd"), Vocabularies.bytes());
        assertThat(grammar.fewestTokens()).isEqualTo(3);
        Random random = new Random(17);
        assertThat(Walk.make(grammar, Vocabularies.bytes(), Adversary.UNIFORM, random, 3, true))
                .isEqualTo("bcd");
    }

    @Test
    void endsByEosWhereMoreMayFollow() {
        TokenBytes tokens = Vocabularies.bytes();
        GrammarState state = Grammar.ofRegex("a+", tokens).start(false);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> state.accept(tokens.eosId()));
        state.accept(3 + 'a');
        assertThat(state.isComplete()).isTrue();
        assertThat(state.isEnded()).isFalse();
        assertThat(maskOf(state, tokens, 5)).isEqualTo(set(tokens.eosId(), 3 + 'a'));
        assertThat(maskOf(state, tokens, 1)).isEqualTo(set(tokens.eosId(), 3 + 'a'));
        state.accept(tokens.eosId());
        assertThat(state.isEnded()).isTrue();
        assertThat(maskOf(state, tokens, 5)).isEqualTo(set(tokens.eosId()));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> state.accept(3 + 'a'));
    }

    @Test
    void copiesGoTheirOwnWay() {
        TokenBytes tokens = Vocabularies.bytes();
        GrammarState state = Grammar.ofChoice(List.of("ab", "ac"), tokens).start(false);
        state.accept(3 + 'a');
        GrammarState copy = state.copy();
        state.accept(3 + 'b');
        assertThat(copy.isComplete()).isFalse();
        copy.accept(3 + 'c');
        assertThat(copy.isEnded()).isTrue();
    }

    @Test
    void takesTokensThatDoNotFitForABugOfTheCaller() {
        TokenBytes tokens = Vocabularies.bytes();
        GrammarState state = Grammar.ofChoice(List.of("ab"), tokens).start(false);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> state.accept(3 + 'b'));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> state.accept(0));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> state.mask(new long[1], 5));
        state.accept(3 + 'a');
        assertThat(state.isComplete()).isFalse();
    }

    @Test
    void leavesOutBytesThatNoTokenWrites() {
        byte[][] pieces = new byte[5][];
        String[] texts = {"", "a", "b", "{", "}"};
        for (int i = 0; i < texts.length; i++) {
            pieces[i] = texts[i].getBytes(StandardCharsets.UTF_8);
        }
        TokenBytes tokens = TokenBytes.of(pieces, 0);
        Random random = new Random(19);
        Grammar grammar = Grammar.ofRegex("[a-zé]{3}", tokens);
        assertThat(Walk.make(grammar, tokens, Adversary.UNIFORM, random, 3, false))
                .matches("[ab]{3}");
        assertThat(Walk.make(Grammar.ofJson(tokens), tokens, Adversary.LONGEST, random, 9, false))
                .isEqualTo("{}");
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> Grammar.ofRegex("[x-z]", tokens))
                .withMessageContaining("found none that the constraint admits");
    }

    @Test
    void neverWritesAPartOfACharacterAlone() {
        Grammar grammar = Grammar.ofRegex("[\\u4e00-\\u9fff😀-😎]{4}", AWKWARD);
        Random random = new Random(23);
        for (int i = 0; i < 200; i++) {
            String text = Walk.make(grammar, AWKWARD, Adversary.BYTES, random, 16, false);
            assertThat(text.codePointCount(0, text.length())).isEqualTo(4);
        }
    }
}
