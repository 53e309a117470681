package io.llamastreams.training.tickets;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TypingErrorsTest {

    private static final String TEXT = "Please refund order " + TypingErrors.protect("ORD55812") + ". The "
            + TypingErrors.protect("Nordvik Kettle 300") + " arrived broken, thanks. Regards";

    @Test
    void neverTouchesNamesNumbersAndTheWordOrder() {
        for (long seed = 0; seed < 2_000; seed++) {
            CounterRandom random = new CounterRandom(seed);
            String slipped = TypingErrors.slip(TypingErrors.slip(TEXT, random), random);
            assertThat(TypingErrors.unprotect(slipped))
                    .as("seed " + seed)
                    .contains("order ORD55812", "Nordvik Kettle 300");
            String small = TypingErrors.unprotect(TypingErrors.withoutCapitals(TEXT));
            assertThat(small).startsWith("please refund order ORD55812. the Nordvik Kettle 300 arrived");
        }
    }

    @Test
    void changesAtMostTwoCharactersOfLength() {
        for (long seed = 0; seed < 500; seed++) {
            String slipped = TypingErrors.slip(TEXT, new CounterRandom(seed));
            assertThat(Math.abs(slipped.length() - TEXT.length())).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void leavesTextWithoutPlacesAlone() {
        String number = TypingErrors.protect("48213");
        for (long seed = 0; seed < 50; seed++) {
            assertThat(TypingErrors.slip(number, new CounterRandom(seed))).isEqualTo(number);
        }
    }
}
