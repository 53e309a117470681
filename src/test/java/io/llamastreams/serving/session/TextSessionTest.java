package io.llamastreams.serving.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.llamastreams.engine.Engine;
import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.engine.EngineLoop;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.LetterVocabulary;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.Score;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.chat.ChatForm;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.request.PromptReader;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tokenizer.Tokenizer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The path from prompt to text with a model that continues the alphabet. */
class TextSessionTest {
    private static final int CONTEXT = 128;

    private final AlphabetForwardPass forward = new AlphabetForwardPass(CONTEXT);
    private final Tokenizer tokenizer = LetterVocabulary.tokenizer();
    private final AtomicLong millis = new AtomicLong();
    private EngineLimits limits;
    private EngineLoop loop;
    private TextSession session;

    @AfterEach
    void close() {
        session.close();
        loop.close();
    }

    @Test
    void continuesTextAndCountsTokens() {
        open();
        Generation end = serve(text("abc", options(5, List.of())));
        assertThat(end.text()).isEqualTo("defgh");
        assertThat(end.status()).isEqualTo(Generation.Status.SUCCEEDED);
        assertThat(end.finishReason()).contains("length");
        assertThat(end.tokenIds())
                .containsExactlyElementsOf("defgh"
                        .chars()
                        .mapToObj(c -> LetterVocabulary.id((char) c))
                        .toList());
        assertThat(end.usage().promptTokens()).isEqualTo(5);
        assertThat(end.usage().completionTokens()).isEqualTo(5);
        assertThat(end.logprobs()).isEmpty();
        assertThat(end.seed()).isEqualTo(Prompt.seedOf("x"));
    }

    @Test
    void keepsTheSpaceBetweenPromptAndTextButNotBeforeAWholeText() {
        forward.chain(LetterVocabulary.id('c'), LetterVocabulary.SPACE, LetterVocabulary.id('q'));
        forward.chain(1, LetterVocabulary.SPACE);
        open();
        assertThat(serve(text("abc", options(2, List.of()))).text()).isEqualTo(" q");
        assertThat(serve(text("", options(3, List.of()))).text()).isEqualTo("qr");
        assertThat(serve(chat("c", options(2, List.of()))).text()).isEqualTo("a" + "b");
    }

    @Test
    void takesAnAnswerInADialogueForATextOfItsOwn() {
        forward.chain(LetterVocabulary.byteId(']'), LetterVocabulary.SPACE, LetterVocabulary.id('s'));
        open();
        assertThat(serve(chat("hello", options(3, List.of()))).text()).isEqualTo("st");
    }

    @Test
    void cutsAtStopStringsAcrossTokensAndKeepsTheTokens() {
        open();
        Generation end = serve(text("abc", options(50, List.of("xyz", "hij"))));
        assertThat(end.text()).isEqualTo("defg");
        assertThat(end.finishReason()).contains("stop");
        assertThat(end.tokenIds()).hasSize(7).endsWith(LetterVocabulary.id('j'));
        assertThat(end.usage().completionTokens()).isEqualTo(7);
    }

    @Test
    void givesBackWhatLookedLikeAStopStringWhenTheTextEnds() {
        open();
        Generation end = serve(text("abc", options(3, List.of("fgh"))));
        assertThat(end.text()).isEqualTo("def");
        assertThat(end.finishReason()).contains("length");
    }

    @Test
    void doesNotFindStopStringsInThePromptOrOverItsEnd() {
        open();
        assertThat(serve(text("abc", options(3, List.of("abc", "cd")))).text()).isEqualTo("def");
    }

    @Test
    void doesNotStopAtStopStringsBeforeTheLeastTokens() {
        open();
        EndingOptions least = EndingOptions.DEFAULT.withMinTokens(4).withStop(List.of("ef", "gh"));
        Generation end = serve(text("abc", GenerationOptions.DEFAULT.withEnding(least)));
        assertThat(end.text()).isEqualTo("def");
        assertThat(end.tokenIds()).hasSize(5);
        assertThat(end.finishReason()).contains("stop");
        // which begins before and is complete behind
        Generation over = serve(text("abc", GenerationOptions.DEFAULT.withEnding(least.withStop(List.of("fgh")))));
        assertThat(over.text()).isEqualTo("de");
    }

    @Test
    void endsPromptsWhoseDeadlineHasPassedBeforeTheEngineHasThem() {
        open();
        millis.set(1000);
        Prompt late = text("abc", options(5, List.of())).withDeadlineMillis(1000);
        Submission.Refused refused = (Submission.Refused) session.submit(late);
        assertThat(refused.generation().status()).isEqualTo(Generation.Status.EXPIRED);
        assertThat(refused.generation().error()).isEqualTo("deadline_ms: the deadline has passed");
        assertThat(refused.generation().seed()).isEqualTo(Prompt.seedOf("x"));
        assertThat(serve(late.withDeadlineMillis(60_000)).text()).isEqualTo("defgh");
    }

    @Test
    void tellsTheEngineDeadlinesOnItsOwnClock() {
        EngineClock clock = new EngineClock(() -> -5_000_000L, () -> Instant.ofEpochMilli(1_000));
        assertThat(clock.deadlineNanos(Optional.of(1_007L))).isEqualTo(2_000_000);
        assertThat(clock.deadlineNanos(Optional.empty())).isEqualTo(SchedulingParams.NO_DEADLINE);
        assertThat(clock.deadlineNanos(Optional.of(Long.MAX_VALUE))).isEqualTo(SchedulingParams.NO_DEADLINE);
        open();
    }

    @Test
    void endsAtStopTokensWithoutTheirText() {
        forward.chain(LetterVocabulary.id('y'), 2);
        open();
        EndingOptions ending = EndingOptions.DEFAULT.withStopTokenIds(List.of(LetterVocabulary.id('f')));
        GenerationOptions stopAtF = GenerationOptions.DEFAULT.withEnding(ending).withLogprobs(0);
        Generation end = serve(text("abc", stopAtF));
        assertThat(end.text()).isEqualTo("de");
        assertThat(end.tokenIds()).hasSize(3).endsWith(LetterVocabulary.id('f'));
        assertThat(end.logprobs()).hasSize(3).allMatch(value -> value <= 0 && value > -1);
        assertThat(end.finishReason()).contains("stop");

        Generation eos = serve(text("w", options(50, List.of())));
        assertThat(eos.text()).isEqualTo("xy");
        assertThat(eos.tokenIds()).endsWith(2);

        GenerationOptions ignoreEos = GenerationOptions.DEFAULT.withEnding(
                EndingOptions.DEFAULT.withMaxNewTokens(5).ignoringEos());
        assertThat(serve(text("w", ignoreEos)).text()).isEqualTo("xyab");
    }

    @Test
    void emitsWholeCharactersOnly() {
        forward.chain(
                LetterVocabulary.id('d'),
                LetterVocabulary.byteId(0xF0),
                LetterVocabulary.byteId(0x9F),
                LetterVocabulary.byteId(0x98),
                LetterVocabulary.byteId(0x80),
                LetterVocabulary.id('x'));
        open();
        assertThat(serve(text("abc", options(6, List.of()))).text()).isEqualTo("d😀x");
        assertThat(serve(text("abc", options(3, List.of()))).text()).isEqualTo("d\uFFFD\uFFFD");
        assertThat(serve(text("abc", options(50, List.of("😀")))).text()).isEqualTo("d");
        Prompt halfACharacter = Prompt.ofTokens(
                "x", List.of(1, LetterVocabulary.byteId(0xF0), LetterVocabulary.byteId(0x9F)), options(3, List.of()));
        assertThat(serve(halfACharacter).text()).isEqualTo("😀x");
    }

    @Test
    void refusesBadPromptsAndServesTheNext() {
        open();
        Submission refused = session.submit(text("abc", options(0, List.of())));
        assertThat(refused)
                .isEqualTo(new Submission.Refused(
                        Generation.rejected("x", "max_new_tokens: expected at least 1, found 0")));
        assertThat(session.inFlight()).isZero();
        assertThat(serve(text("abc", options(1, List.of()))).text()).isEqualTo("d");
    }

    @Test
    void refusesAnIdThatIsInFlightButTakesItAgainAfterwards() {
        open();
        assertThat(session.submit(text("abc", options(100, List.of())))).isEqualTo(new Submission.Accepted(5));
        assertThat(session.submit(text("abc", options(1, List.of())))).isInstanceOf(Submission.Refused.class);
        CollectedTexts.of(session);
        assertThat(serve(text("abc", options(1, List.of()))).text()).isEqualTo("d");
    }

    @Test
    void endsTextsOfABillionTokensAtTheContext() {
        open();
        Generation end = serve(text("abc", options(1_000_000_000, List.of())));
        assertThat(end.finishReason()).contains("length");
        assertThat(end.tokenIds()).hasSize(CONTEXT - 5);
    }

    @Test
    void isBusyWhenFullAndTakesTheSamePromptLater() {
        open(new EngineLimits(4, 64, 2, 1_000));
        assertThat(submit("a", 20)).isInstanceOf(Submission.Accepted.class);
        assertThat(submit("b", 20)).isInstanceOf(Submission.Accepted.class);
        Prompt third = Prompt.ofText("c", "abc", options(3, List.of()));
        assertThat(session.submit(third)).isInstanceOf(Submission.Busy.class);
        assertThat(session.submit(third)).isInstanceOf(Submission.Busy.class);
        CollectedTexts texts = new CollectedTexts();
        texts.pollAll(session);
        assertThat(session.submit(third)).isEqualTo(new Submission.Accepted(5));
        texts.pollAll(session);
        assertThat(texts.ends).containsOnlyKeys("a", "b", "c");
        assertThat(texts.ends.get("c").text()).isEqualTo("def");
    }

    @Test
    void endsACancelledPromptWithTheTextItHas() {
        open();
        session.submit(text("abc", options(1_000_000, List.of())));
        session.cancel("x");
        session.cancel("unknown");
        Generation end = CollectedTexts.of(session).ends.get("x");
        if (end.status() == Generation.Status.CANCELLED) {
            assertThat(end.finishReason()).contains("cancelled");
        }
        assertThat("defghijklmnopqrstuvwxyz".repeat(9))
                .startsWith(end.text().substring(0, Math.min(5, end.text().length())));
        assertThat(end.usage().completionTokens()).isEqualTo(end.tokenIds().size());
    }

    @Test
    void aTextGoesOnInAnotherSessionFromTheTokensThatItHad() {
        open();
        submit("whole", 20);
        Generation whole = CollectedTexts.of(session).ends.get("whole");
        for (int had : new int[] {1, 7, 19, 20}) {
            try (TextSession next = openSession()) {
                List<Integer> made = whole.tokenIds().subList(0, had);
                next.submit(Prompt.ofText("whole", "abc", options(20, List.of())), made);
                assertThat(next.resumable("whole")).isEmpty();
                CollectedTexts texts = CollectedTexts.of(next);
                assertThat(texts.ends.get("whole").text()).isEqualTo(whole.text());
                assertThat(texts.ends.get("whole").tokenIds()).isEqualTo(whole.tokenIds());
            }
        }
        assertThat(session.resumable("unknown")).isEmpty();
    }

    @Test
    void failsWithTheReasonWhenTheModelFails() {
        open();
        forward.fail();
        session.submit(text("abc", options(3, List.of())));
        Generation end = CollectedTexts.of(session).ends.get("x");
        assertThat(end.status()).isEqualTo(Generation.Status.FAILED);
        assertThat(end.error()).contains("the model is broken");
        assertThat(end.text()).isEmpty();
    }

    @Test
    void hearsNothingAfterClosingEvenInTheMidstOfAPoll() {
        open();
        submit("a", 3);
        submit("b", 30);
        int[] ends = {0};
        while (ends[0] == 0) {
            session.await(Duration.ofSeconds(10));
            session.poll(
                    generation -> {
                        ends[0]++;
                        session.close();
                    },
                    1000);
        }
        assertThat(ends[0]).isEqualTo(1);
        assertThat(session.inFlight()).isZero();
        assertThatThrownBy(() -> submit("c", 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void doesNotAnswerForAnEngineThatHasEnded() {
        open();
        loop.close();
        assertThatThrownBy(() -> submit("a", 3)).isInstanceOf(EngineEndedException.class);
    }

    @Test
    void makesSeveralTextsOfOnePromptWithTheirOwnEnds() {
        open();
        GenerationOptions two = options(6, List.of("gh")).withSamples(new SampleOptions(2, Optional.empty()));
        Generation end = serve(text("abc", two));
        assertThat(end.choices()).extracting(Choice::text).containsExactly("def", "def");
        assertThat(end.choices()).extracting(Choice::finishReason).containsOnly(Optional.of("stop"));
        assertThat(end.usage().promptTokens()).isEqualTo(5);
        assertThat(end.usage().completionTokens()).isEqualTo(10);
    }

    @Test
    void comparesAnswersWithTheModelsOwn() {
        open();
        GenerationOptions label = GenerationOptions.DEFAULT.withTask(new Task.Label(List.of("de", "dx", "xe")));
        Generation end = serve(text("abc", label));
        Answer.Scores answer = (Answer.Scores) end.answer();
        assertThat(answer.label()).contains("de");
        // The model gives a letter's successor a logit of 10 and all 285 others 0.
        double sure = 10 - Math.log(Math.exp(10) + 285);
        double unsure = -Math.log(Math.exp(10) + 285);
        assertThat(answer.scores().get(0).logLikelihood()).isCloseTo(2 * sure, within(1e-5));
        assertThat(answer.scores().get(1).logLikelihood()).isCloseTo(sure + unsure, within(1e-5));
        assertThat(answer.scores().get(2).logLikelihood()).isCloseTo(2 * unsure, within(1e-5));
        assertThat(answer.scores()).extracting(Score::greedy).containsExactly(true, false, false);
        assertThat(answer.scores().stream()
                        .mapToDouble(score -> score.probability().orElseThrow())
                        .sum())
                .isCloseTo(1, within(1e-12));
        assertThat(end.usage().completionTokens()).isZero();
        assertThat(end.usage().promptTokens()).isEqualTo(3 * 7);
        assertThat(session.inFlight()).isZero();
    }

    @Test
    void holdsTextsToTheirStructure() {
        open();
        Generation choice = serve(text("abc", structured(new Structure.Choice(List.of("xyz", "dog")))));
        assertThat(choice.text()).isEqualTo("dog");
        assertThat(choice.finishReason()).contains("stop");
        // nothing but EOS could follow, so it needs not be made
        assertThat(choice.usage().completionTokens()).isBetween(3, 4);
        assertThat(serve(text("abc", structured(new Structure.Regex("[x-z]{2}"))))
                        .text())
                .matches("[x-z]{2}");
        assertThat(serve(text("abc", structured(new Structure.Grammar("root ::= \"d\" [m-n]+ \"!\""))))
                        .text())
                .matches("d[mn]+!");
        Generation two = serve(text(
                "abc",
                structured(new Structure.Choice(List.of("xyz", "dog")))
                        .withSamples(new SampleOptions(2, Optional.empty()))));
        assertThat(two.choices()).extracting(Choice::text).containsExactly("dog", "dog");
    }

    @Test
    void structuredAnswersInADialogueBeginWithoutTheDummySpace() {
        forward.chain(LetterVocabulary.byteId(']'), LetterVocabulary.SPACE, LetterVocabulary.id('s'));
        open();
        assertThat(serve(chat("hello", structured(new Structure.Regex("s[a-z]{2}"))))
                        .text())
                .matches("s[a-z]{2}");
        assertThat(serve(text("hello", structured(new Structure.Regex(" s[a-z]{2}"))))
                        .text())
                .matches(" s[a-z]{2}");
    }

    private static GenerationOptions structured(Structure structure) {
        return GenerationOptions.DEFAULT.withMaxNewTokens(20).withStructure(structure);
    }

    @Test
    void letsAllRequestsOfAPromptInOrNone() {
        open(new EngineLimits(4, 64, 3, 1_000));
        GenerationOptions score = GenerationOptions.DEFAULT.withTask(new Task.Continuations(List.of("d", "e", "f")));
        Prompt three = text("abc", score);
        assertThat(submit("a", 1)).isInstanceOf(Submission.Accepted.class);
        assertThat(session.submit(three)).isInstanceOf(Submission.Busy.class);
        assertThat(session.inFlight()).isEqualTo(1);
        CollectedTexts texts = new CollectedTexts();
        texts.pollAll(session);
        assertThat(texts.ends).containsOnlyKeys("a");
        assertThat(session.submit(three)).isInstanceOf(Submission.Accepted.class);
        texts.pollAll(session);
        assertThat(texts.ends).containsOnlyKeys("a", "x");
        assertThat(((Answer.Scores) texts.ends.get("x").answer()).scores()).hasSize(3);
    }

    /**
     * Found by the fault harness: two tasks of a worker, each with a prompt of three requests first in line, kept a part of the
     * room each and got no further.
     */
    @Test
    void promptsOfSeveralRequestsThatWaitForRoomHoldNoneOfIt() {
        open(new EngineLimits(4, 64, 4, 1_000));
        GenerationOptions score = GenerationOptions.DEFAULT.withTask(new Task.Continuations(List.of("d", "e", "f")));
        try (TextSession other = openSession();
                TextSession third = openSession()) {
            assertThat(session.submit(text("abc", score))).isInstanceOf(Submission.Accepted.class);
            assertThat(other.submit(text("abc", score))).isInstanceOf(Submission.Busy.class);
            // nobody has polled: three of four are taken, and none by the one that waits
            assertThat(third.submit(text("abc", options(1, List.of())))).isInstanceOf(Submission.Accepted.class);
            CollectedTexts.of(session);
            CollectedTexts.of(third);
            assertThat(other.submit(text("abc", score))).isInstanceOf(Submission.Accepted.class);
            assertThat(CollectedTexts.of(other).ends).containsOnlyKeys("x");
        }
    }

    @Test
    void endsAPromptOfSeveralRequestsOnceWhenTheModelFails() {
        open();
        forward.fail();
        GenerationOptions score = GenerationOptions.DEFAULT.withTask(new Task.Continuations(List.of("d", "e", "f")));
        session.submit(text("abc", score));
        Generation end = CollectedTexts.of(session).ends.get("x");
        assertThat(end.status()).isEqualTo(Generation.Status.FAILED);
        assertThat(end.usage().promptTokens()).isEqualTo(18);
    }

    @Test
    void cancelsAllRequestsOfAPrompt() {
        open();
        GenerationOptions score = GenerationOptions.DEFAULT.withTask(new Task.Continuations(List.of("d", "e", "f")));
        session.submit(text("abc", score));
        session.cancel("x");
        Generation end = CollectedTexts.of(session).ends.get("x");
        assertThat(end.status()).isIn(Generation.Status.CANCELLED, Generation.Status.SUCCEEDED);
        if (end.status() == Generation.Status.CANCELLED) {
            assertThat(end.answer()).isEqualTo(new Answer.Nothing());
        }
    }

    @Test
    void embedsByTheMeanOverThePromptsTokens() {
        open();
        Generation end = serve(text("ab", GenerationOptions.DEFAULT.withTask(new Task.Embed())));
        // The model's hidden state of a token is its number, again and again; BOS and the space are tokens too.
        float mean = (1 + LetterVocabulary.SPACE + LetterVocabulary.id('a') + LetterVocabulary.id('b')) / 4f;
        assertThat(((Answer.Embedding) end.answer()).values())
                .isNotEmpty()
                .allSatisfy(value -> assertThat(value).isEqualTo(mean));
    }

    @Test
    void scoresThePromptWithoutATextOrBesideOne() {
        open();
        ReportOptions prompt = new ReportOptions(Optional.empty(), Optional.of(1));
        for (int newTokens : new int[] {0, 2}) {
            Generation end = serve(text(
                    "abz", GenerationOptions.DEFAULT.withMaxNewTokens(newTokens).withReport(prompt)));
            assertThat(end.text()).isEqualTo("ab".substring(0, newTokens));
            assertThat(end.finishReason()).contains("length");
            PromptScores scores = ((Answer.Texts) end.answer()).prompt().orElseThrow();
            assertThat(scores.tokenIds()).hasSize(5).startsWith(1, LetterVocabulary.SPACE);
            assertThat(scores.logprobs()).hasSize(4);
            assertThat(scores.likeliest())
                    .extracting(place -> place.tokenIds().getFirst())
                    .containsExactly(
                            LetterVocabulary.id('a'),
                            LetterVocabulary.id('a'),
                            LetterVocabulary.id('b'),
                            LetterVocabulary.id('c'));
            // z is none of b's successors
            assertThat(scores.logprobs().get(2)).isGreaterThan(-0.1f);
            assertThat(scores.logprobs().get(3)).isLessThan(-9f);
        }
    }

    @Test
    void endsAtTheDeadlineWithTheTextSoFar() {
        open();
        session.submit(text("abc", options(120, List.of())).withDeadlineMillis(5));
        millis.set(10);
        Generation end = CollectedTexts.of(session).ends.get("x");
        assertThat(end.status()).isIn(Generation.Status.EXPIRED, Generation.Status.SUCCEEDED);
        if (end.status() == Generation.Status.EXPIRED) {
            assertThat(end.finishReason()).contains("expired");
            assertThat(end.error()).isEqualTo("deadline_ms: the deadline has passed");
            assertThat("defghijklmnopqrstuvwxyz" + "abcdefghijklmnopqrstuvwxyz".repeat(5))
                    .startsWith(end.text());
        }
    }

    @Test
    void servesManySessionsAtOnce() {
        open();
        try (TextSession other = openSession()) {
            for (int i = 0; i < 50; i++) {
                assertThat(submit("r" + i, 1 + i)).isInstanceOf(Submission.Accepted.class);
                assertThat(other.submit(Prompt.ofText("r" + i, "x", options(1 + i, List.of()))))
                        .isInstanceOf(Submission.Accepted.class);
            }
            CollectedTexts texts = CollectedTexts.of(session);
            CollectedTexts otherTexts = CollectedTexts.of(other);
            String alphabet = "abcdefghijklmnopqrstuvwxyz".repeat(4);
            for (int i = 0; i < 50; i++) {
                assertThat(texts.ends.get("r" + i).text()).isEqualTo(alphabet.substring(3, 4 + i));
                assertThat(otherTexts.ends.get("r" + i).text()).isEqualTo(alphabet.substring(24, 25 + i));
            }
        }
    }

    private void open() {
        open(new EngineLimits(16, 64, 1000, 1_000_000));
    }

    private void open(EngineLimits newLimits) {
        limits = newLimits;
        loop = EngineLoop.start(new Engine(forward, new ScalarKernels(), limits, true, this::nanos), "test-engine");
        session = openSession();
    }

    private TextSession openSession() {
        PromptReader reader = new PromptReader(tokenizer, CONTEXT, limits, ChatForm.with(tokenizer));
        return new TextSession(
                loop.port(), reader, new EngineClock(this::nanos, () -> Instant.ofEpochMilli(millis.get())));
    }

    private long nanos() {
        return millis.get() * 1_000_000;
    }

    private Submission submit(String id, int tokens) {
        return session.submit(Prompt.ofText(id, "abc", options(tokens, List.of())));
    }

    private Generation serve(Prompt prompt) {
        assertThat(session.submit(prompt)).isInstanceOf(Submission.Accepted.class);
        return CollectedTexts.of(session).ends.get(prompt.id());
    }

    private static Prompt text(String text, GenerationOptions options) {
        return Prompt.ofText("x", text, options);
    }

    private static Prompt chat(String content, GenerationOptions options) {
        PromptInput input = new PromptInput.Messages(List.of(new PromptInput.Message("user", content)));
        return new Prompt("x", input, options, 0, Optional.empty(), "", "", Map.of());
    }

    private static GenerationOptions options(int maxNewTokens, List<String> stop) {
        return GenerationOptions.DEFAULT.withMaxNewTokens(maxNewTokens).withStop(stop);
    }
}
