package io.llamastreams.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenConstraint;
import io.llamastreams.engine.request.TokenRules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SampleStateTest {
    private static final float BANNED = Float.NEGATIVE_INFINITY;
    private static final int[] PROMPT = {1, 3, 3};
    private static final int[] STOPS = {2, 5};
    private static final float[] LOGITS = {2f, -1f, 0.5f, 3f, 0f, 1f};

    @Test
    void aTextWithoutRulesTakesItsLogitsAsTheyAre() {
        assertThat(state(Penalties.NONE, TokenRules.NONE).isRuled()).isFalse();
    }

    @Test
    void repetitionPenaltyDividesAndMultipliesTokensOfPromptAndTextOnce() {
        // 0: in the text, 2 / 2; 1: in the prompt, -1 * 2; 3: in both, 3 / 2; 4: in the text, 0 either way
        assertThat(ruled(state(new Penalties(2, 0, 0), TokenRules.NONE, 0, 3, 4, 0)))
                .containsExactly(1f, -2f, 0.5f, 1.5f, 0f, 1f);
        // below 1 it favours them
        assertThat(ruled(state(new Penalties(0.5f, 0, 0), TokenRules.NONE, 0)))
                .containsExactly(4f, -0.5f, 0.5f, 6f, 0f, 1f);
    }

    @Test
    void presenceAndFrequencyPenaltiesAreTakenFromTokensOfTheTextAlone() {
        assertThat(ruled(state(new Penalties(1, 0.25f, 0), TokenRules.NONE, 0, 0, 1)))
                .containsExactly(1.75f, -1.25f, 0.5f, 3f, 0f, 1f);
        // 0 occurs twice, 1 once, 3 in the prompt only
        assertThat(ruled(state(new Penalties(1, 0, 0.5f), TokenRules.NONE, 0, 0, 1)))
                .containsExactly(1f, -1.5f, 0.5f, 3f, 0f, 1f);
        assertThat(ruled(state(new Penalties(1, 0, -0.5f), TokenRules.NONE, 0, 0, 1)))
                .containsExactly(3f, -0.5f, 0.5f, 3f, 0f, 1f);
    }

    @Test
    void biasesComeBeforePenaltiesAndRepetitionBeforeTheOthers() {
        TokenRules rules = new TokenRules(Map.of(0, 1f, 3, -4f, 4, 0.5f), List.of(), List.of(), 0);
        assertThat(ruled(state(Penalties.NONE, rules))).containsExactly(3f, -1f, 0.5f, -1f, 0.5f, 1f);
        // 0: (2 + 1) / 2 - (2 * 0.5 + 0.25) = 0.25; 1: -1 * 2 - (0.5 + 0.25) = -2.75; 3: (3 - 4) * 2 = -2
        assertThat(ruled(state(new Penalties(2, 0.25f, 0.5f), rules, 0, 0, 1)))
                .containsExactly(0.25f, -2.75f, 0.5f, -2f, 0.5f, 1f);
    }

    @Test
    void penaltiesRememberManyTokens() {
        int vocabulary = 5000;
        SampleState state = state(new Penalties(2, 1, 1), TokenRules.NONE);
        for (int i = 0; i < 3; i++) {
            for (int id = vocabulary - 1 - i; id >= 0; id -= 7) {
                state.accept(id);
            }
        }
        float[] logits = new float[vocabulary];
        float[] row = new float[vocabulary];
        state.rule(logits, 0, row, new long[TokenBits.longs(vocabulary)]);
        for (int id = 0; id < vocabulary; id++) {
            assertThat(row[id]).as("token %d", id).isEqualTo((vocabulary - 1 - id) % 7 < 3 ? -2f : 0f);
        }
    }

    @Test
    void onlyAllowedTokensMayCome() {
        TokenRules rules = new TokenRules(Map.of(0, 5f, 3, 5f), List.of(), List.of(4, 0, 4), 0);
        assertThat(ruled(state(Penalties.NONE, rules))).containsExactly(7f, BANNED, BANNED, BANNED, 0f, BANNED);
    }

    @Test
    void stopTokensCannotComeBeforeTheTextHasItsLeastTokens() {
        TokenRules rules = new TokenRules(Map.of(2, 9f), List.of(), List.of(), 2);
        SampleState state = state(Penalties.NONE, rules);
        assertThat(ruled(state)).containsExactly(2f, -1f, BANNED, 3f, 0f, BANNED);
        state.accept(0);
        assertThat(ruled(state)).containsExactly(2f, -1f, BANNED, 3f, 0f, BANNED);
        state.accept(0);
        assertThat(ruled(state)).containsExactly(2f, -1f, 9.5f, 3f, 0f, 1f);

        SampleState unbiased = state(Penalties.NONE, new TokenRules(Map.of(), List.of(), List.of(), 1));
        assertThat(unbiased.isRuled()).isTrue();
        unbiased.accept(0);
        assertThat(unbiased.isRuled()).as("long enough").isFalse();
    }

    @Test
    void stopTokensOutsideTheVocabularyAreNone() {
        SampleState state = new SampleState(
                params(Penalties.NONE, new TokenRules(Map.of(), List.of(), List.of(), 1)),
                0,
                PROMPT,
                new int[] {-1, 6, 1},
                Optional.empty(),
                10);
        assertThat(ruled(state)).containsExactly(2f, BANNED, 0.5f, 3f, 0f, 1f);
    }

    @Test
    void theLastTokenOfABadWordCannotFollowTheOthers() {
        TokenRules rules = new TokenRules(
                Map.of(), List.of(List.of(4), List.of(0, 1), List.of(1, 1, 1), List.of(3, 0, 5)), List.of(), 0);
        SampleState state = state(Penalties.NONE, rules);
        // the prompt ends in 3, which is no part of the text
        assertThat(ruled(state)).containsExactly(2f, -1f, 0.5f, 3f, BANNED, 1f);
        state.accept(3);
        assertThat(ruled(state)).containsExactly(2f, -1f, 0.5f, 3f, BANNED, 1f);
        state.accept(0);
        assertThat(ruled(state)).containsExactly(2f, BANNED, 0.5f, 3f, BANNED, BANNED);
        state.accept(0);
        assertThat(ruled(state)).containsExactly(2f, BANNED, 0.5f, 3f, BANNED, 1f);
        state.accept(2);
        state.accept(1);
        assertThat(ruled(state)).containsExactly(2f, -1f, 0.5f, 3f, BANNED, 1f);
        state.accept(1);
        assertThat(ruled(state)).containsExactly(2f, BANNED, 0.5f, 3f, BANNED, 1f);
        state.accept(2);
        assertThat(ruled(state)).containsExactly(2f, -1f, 0.5f, 3f, BANNED, 1f);
    }

    @Test
    void aConstraintSeesTheTokensLeftAndForbidsBesidesTheOtherRules() {
        // may take 0 to 3 while at least two tokens are left, then 4 and 5
        TokenConstraint constraint = new TokenConstraint() {
            @Override
            public void mask(long[] allowed, int tokensLeft) {
                assertThat(allowed).as("all that there are").containsExactly(0b111111);
                allowed[0] &= tokensLeft >= 2 ? 0b001111 : 0b110000;
            }

            @Override
            public void accept(int token) {}

            @Override
            public boolean isEnded() {
                return false;
            }
        };
        TokenRules rules = new TokenRules(Map.of(), List.of(List.of(3)), List.of(0, 1, 3, 4), 0);
        SampleState state =
                new SampleState(params(Penalties.NONE, rules), 0, PROMPT, STOPS, Optional.of(constraint), 2);
        assertThat(ruled(state)).containsExactly(2f, -1f, BANNED, BANNED, BANNED, BANNED);
        state.accept(0);
        assertThat(ruled(state)).containsExactly(BANNED, BANNED, BANNED, BANNED, 0f, BANNED);
        assertThat(state.bans()).isEqualTo("the constraint, allowed_token_ids, bad_words");
    }

    @Test
    void namesTokensThatThereAreNot() {
        assertThatThrownBy(() -> ruled(state(Penalties.NONE, new TokenRules(Map.of(6, 1f), List.of(), List.of(), 0))))
                .hasMessage("logit_bias: token id: expected 0 to 5, found 6");
        assertThatThrownBy(() ->
                        ruled(state(Penalties.NONE, new TokenRules(Map.of(), List.of(List.of(-1)), List.of(), 0))))
                .hasMessage("bad_words: token id: expected 0 to 5, found -1");
        assertThatThrownBy(() -> ruled(state(Penalties.NONE, new TokenRules(Map.of(), List.of(), List.of(1, 99), 0))))
                .hasMessage("allowed_token_ids: token id: expected 0 to 5, found 99");
    }

    private static SampleState state(Penalties penalties, TokenRules rules, int... text) {
        SampleState state = new SampleState(params(penalties, rules), 0, PROMPT, STOPS, Optional.empty(), 1_000_000);
        for (int token : text) {
            state.accept(token);
        }
        return state;
    }

    private static SamplingParams params(Penalties penalties, TokenRules rules) {
        return new SamplingParams(1, 0, 1, 0, 1, penalties, rules, 0);
    }

    /** Of a row that lies among others. */
    private static float[] ruled(SampleState state) {
        float[] rows = {77f, 2f, -1f, 0.5f, 3f, 0f, 1f, 77f};
        float[] row = new float[LOGITS.length];
        state.rule(rows, 1, row, new long[1]);
        assertThat(rows).containsExactly(77f, 2f, -1f, 0.5f, 3f, 0f, 1f, 77f);
        return row;
    }
}
