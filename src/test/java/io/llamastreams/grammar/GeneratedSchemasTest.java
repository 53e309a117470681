package io.llamastreams.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.rule.GrammarException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Adversaries walk the masks of many schemas; another library says whether what comes out is valid. */
class GeneratedSchemasTest {
    private static final int SCHEMAS = 400;

    /** Those with bounds that leave nothing, as {@code allOf} may bring about, have no texts and are refused. */
    private static final int MOST_REFUSED = SCHEMAS / 20;

    @Test
    void everyTextIsValidWhateverIsChosen() {
        TokenBytes tokens = Vocabularies.awkward();
        List<String> refused = new ArrayList<>();
        for (int seed = 0; seed < SCHEMAS; seed++) {
            String schema = RandomSchema.of(seed);
            Grammar grammar;
            try {
                grammar = Grammar.ofJsonSchema(schema, tokens);
            } catch (GrammarException e) {
                refused.add("seed " + seed + ": " + e.getMessage() + " " + schema);
                continue;
            }
            SchemaJudge judge = new SchemaJudge(schema);
            Random random = new Random(seed);
            for (Adversary adversary : Adversary.values()) {
                for (int more : new int[] {0, 1 + random.nextInt(6), 150}) {
                    int budget = Math.max(1, grammar.fewestTokens() + more);
                    String text = Walk.make(grammar, tokens, adversary, random, budget, random.nextBoolean());
                    judge.requireValid(text, "seed", seed, adversary, budget);
                }
            }
        }
        assertThat(refused).hasSizeLessThanOrEqualTo(MOST_REFUSED);
    }

    @Test
    void everyTextIsValidWithALargeVocabulary() {
        TokenBytes tokens = Vocabularies.large();
        for (int seed = 10_000; seed < 10_040; seed++) {
            String schema = RandomSchema.of(seed);
            Grammar grammar;
            try {
                grammar = Grammar.ofJsonSchema(schema, tokens);
            } catch (GrammarException e) {
                continue;
            }
            SchemaJudge judge = new SchemaJudge(schema);
            Random random = new Random(seed);
            for (Adversary adversary : List.of(Adversary.UNIFORM, Adversary.LONGEST, Adversary.FAVOURITES)) {
                for (int more : new int[] {0, 100}) {
                    int budget = Math.max(1, grammar.fewestTokens() + more);
                    String text = Walk.make(grammar, tokens, adversary, random, budget, random.nextBoolean());
                    judge.requireValid(text, "seed", seed, adversary, budget);
                }
            }
        }
    }

    @Test
    void formatsAreWhatAnotherLibraryTakesForThem() {
        TokenBytes tokens = Vocabularies.bytes();
        List<Adversary> adversaries = List.of(Adversary.values());
        for (String format : List.of(
                "date",
                "time",
                "date-time",
                "duration",
                "uuid",
                "email",
                "idn-email",
                "hostname",
                "idn-hostname",
                "ipv4",
                "ipv6",
                "uri",
                "uri-reference",
                "iri",
                "iri-reference",
                "uri-template",
                "json-pointer",
                "relative-json-pointer",
                "regex")) {
            String schema = "{\"type\":\"string\",\"format\":\"" + format + "\"}";
            Grammar grammar = Grammar.ofJsonSchema(schema, tokens);
            SchemaJudge judge = new SchemaJudge(schema);
            Random random = new Random(37);
            for (int i = 0; i < 300; i++) {
                Adversary adversary = adversaries.get(i % adversaries.size());
                int budget = grammar.fewestTokens() + random.nextInt(60);
                judge.requireValid(Walk.make(grammar, tokens, adversary, random, budget, false), format);
            }
        }
    }

    @Test
    void theJudgeFindsFault() {
        assertThat(new SchemaJudge("{\"type\":\"string\",\"format\":\"date\"}").errors("\"2023-02-29\""))
                .isNotEmpty();
        assertThat(new SchemaJudge("{\"maximum\":0.3}").errors("0.31")).isNotEmpty();
    }
}
