package io.llamastreams.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.llamastreams.engine.EngineHarness.Text;
import io.llamastreams.engine.request.DecodingControl;
import io.llamastreams.engine.request.Ending;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.RequestStatistics;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.engine.request.SchedulingPolicy;
import io.llamastreams.engine.request.TokenWatcher;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EngineTest {
    private static final int VOCABULARY = 50;
    private static final int CONTEXT = 64;

    @Test
    void makesAsManyTokensAsWantedWithFiniteLogprobs() {
        EngineHarness harness = harness();
        harness.submit(EngineHarness.greedy("a", 5, 1, 2, 3));
        Text text = harness.run().get("a");
        assertThat(text.ids).hasSize(5).allMatch(id -> id >= 0 && id < VOCABULARY);
        assertThat(text.reason).isEqualTo(FinishReason.LENGTH);
        assertThat(text.logprobBits).hasSize(5).allMatch(bits -> Float.intBitsToFloat(bits) < 0);
    }

    @Test
    void leavesLogprobsOutUnlessAsked() {
        EngineHarness harness = harness();
        harness.submit(new GenerationRequest(
                "a", new int[] {1}, SamplingParams.GREEDY, 3, new int[0], false, 0, TokenWatcher.NONE));
        assertThat(harness.run().get("a").logprobBits).allMatch(bits -> Float.isNaN(Float.intBitsToFloat(bits)));
    }

    @Test
    void theContextEndsATextOfABillionTokens() {
        EngineHarness harness = harness();
        harness.submit(EngineHarness.greedy("a", 1_000_000_000, new int[10]));
        harness.submit(EngineHarness.greedy("b", Integer.MAX_VALUE, new int[CONTEXT - 1]));
        Map<String, Text> texts = harness.run();
        assertThat(texts.get("a").ids).hasSize(CONTEXT - 10);
        assertThat(texts.get("a").reason).isEqualTo(FinishReason.LENGTH);
        assertThat(texts.get("b").ids).hasSize(1);
    }

    @Test
    void aPoolSmallerThanTheContextRefusesWhatItCannotHold() {
        EngineHarness harness =
                new EngineHarness(new FakeForwardPass(VOCABULARY, CONTEXT, 4, 5, 64, 8), EngineHarness.LIMITS, true);
        String reason = "prompt and new tokens: expected at most the 20 tokens that the KV cache holds, found ";
        assertThat(harness.submit(EngineHarness.greedy("a", 1, new int[20])))
                .isEqualTo(new Admission.Refused(reason + 21));
        assertThat(harness.submit(EngineHarness.greedy("a", 1000, new int[13])))
                .isEqualTo(new Admission.Refused(reason + CONTEXT));
        harness.submit(EngineHarness.greedy("a", 7, new int[13]));
        harness.submit(EngineHarness.greedy("b", 1, new int[19]));
        assertThat(harness.run().get("a").ids).hasSize(7);
        assertThat(harness.texts.get("b").ids).hasSize(1);
    }

    @Test
    void refusesWhatCanNeverBeServed() {
        EngineHarness harness = harness();
        assertThat(harness.submit(EngineHarness.greedy("a", 1, new int[CONTEXT])))
                .isEqualTo(new Admission.Refused("prompt: expected at most 63 tokens, found 64"));
        assertThat(harness.submit(EngineHarness.greedy("a", 1, 1, VOCABULARY)))
                .isEqualTo(new Admission.Refused("prompt: token 1: expected an id from 0 to 49, found 50"));
        assertThat(harness.submit(EngineHarness.greedy("a", 1, -1))).isInstanceOf(Admission.Refused.class);
        assertThat(harness.outbox.inFlight()).isZero();
        assertThat(harness.submit(EngineHarness.greedy("a", 1, 1))).isEqualTo(new Admission.Accepted());
        assertThat(harness.submit(EngineHarness.greedy("a", 1, 1)))
                .isEqualTo(new Admission.Refused("id: a request of this name is in flight"));
        harness.run();
        assertThat(harness.outbox.inFlight()).isZero();
    }

    @Test
    void theSameNameInTwoOutboxesIsTwoRequests() {
        EngineHarness harness = harness();
        Outbox other = harness.port.openOutbox();
        harness.submit(EngineHarness.greedy("a", 3, 1));
        assertThat(harness.port.submit(EngineHarness.greedy("a", 4, 2), other)).isInstanceOf(Admission.Accepted.class);
        harness.run();
        List<String> events = new ArrayList<>();
        other.drain(event -> events.add(event.getClass().getSimpleName()), 100);
        assertThat(events).containsExactly("Token", "Token", "Token", "Token", "Finished");
        assertThat(harness.texts.get("a").ids).hasSize(3);
    }

    @Test
    void aStopTokenEndsTheTextAndIsReportedButNotShownToTheWatcher() {
        List<Integer> full = alone(EngineHarness.greedy("a", 20, 1, 2, 3)).ids;
        int stop = full.get(7);
        List<Integer> watched = new ArrayList<>();
        Text text = alone(new GenerationRequest(
                "a", new int[] {1, 2, 3}, SamplingParams.GREEDY, 20, new int[] {VOCABULARY - 1, stop}, true, 0, id -> {
                    watched.add(id);
                    return false;
                }));
        assertThat(text.reason).isEqualTo(FinishReason.STOP);
        int end = full.indexOf(stop) + 1;
        assertThat(text.ids).isEqualTo(full.subList(0, end));
        assertThat(watched).isEqualTo(full.subList(0, end - 1));
        assertThat(text.statistics.completionTokens()).isEqualTo(end);
    }

    @Test
    void theWatcherEndsTheTextAtTheVeryToken() {
        List<Integer> watched = new ArrayList<>();
        Text text = alone(watchedBy("a", id -> {
            watched.add(id);
            return watched.size() == 4;
        }));
        assertThat(text.reason).isEqualTo(FinishReason.STOP);
        assertThat(text.ids).hasSize(4).isEqualTo(watched);
    }

    @Test
    void aWatcherThatThrowsFailsItsRequestAlone() {
        EngineHarness harness = harness();
        harness.submit(watchedBy("bad", id -> {
            throw new IllegalStateException("broken");
        }));
        harness.submit(EngineHarness.greedy("good", 6, 1, 2, 3));
        harness.run();
        assertThat(harness.texts.get("bad").error)
                .isEqualTo("the watcher of the text failed: java.lang.IllegalStateException: broken");
        assertThat(harness.texts.get("good").ids).isEqualTo(alone(EngineHarness.greedy("good", 6, 1, 2, 3)).ids);
    }

    @Test
    void memoryThatOneRequestWantsTooMuchOfFailsItAlone() {
        EngineHarness harness = harness();
        harness.submit(watchedBy("bad", id -> {
            throw new OutOfMemoryError("Java heap space");
        }));
        harness.submit(EngineHarness.greedy("good", 6, 1, 2, 3));
        harness.run();
        assertThat(harness.texts.get("bad").error)
                .isEqualTo("the watcher of the text failed: java.lang.OutOfMemoryError: Java heap space");
        assertThat(harness.texts.get("good").ids).isEqualTo(alone(EngineHarness.greedy("good", 6, 1, 2, 3)).ids);
    }

    @Test
    void logitsThatAreNotNumbersFailTheirRequestAlone() {
        int poison = 17;
        FakeForwardPass forward = new FakeForwardPass(VOCABULARY, CONTEXT, 4, 100, 64, 32).poison(poison);
        EngineHarness harness = new EngineHarness(forward, EngineHarness.LIMITS, true);
        harness.submit(EngineHarness.greedy("bad", 6, 1, 2, poison));
        harness.submit(EngineHarness.request("bad too", 6, new SamplingParams(1, 5, 0.9f, 0, 1), 3, poison));
        harness.submit(EngineHarness.greedy("good", 3, 1, 2, 3));
        harness.run();
        assertThat(harness.texts.get("bad").error).isEqualTo("the model's logits for position 3 are not numbers");
        assertThat(harness.texts.get("bad too").error).isEqualTo("the model's logits for position 2 are not numbers");
        assertThat(harness.texts.get("good").ids).hasSize(3);
        assertThat(harness.engine.status().failedRequests()).isEqualTo(2);
    }

    @Test
    void aCancelledRequestKeepsTheTokensItHas() {
        EngineHarness harness = harness();
        harness.submit(EngineHarness.greedy("a", 40, 1, 2, 3));
        for (int i = 0; i < 5; i++) {
            harness.step();
        }
        harness.port.cancel("a", harness.outbox);
        harness.port.cancel("a", harness.outbox);
        harness.port.cancel("unknown", harness.outbox);
        harness.run();
        Text text = harness.texts.get("a");
        assertThat(text.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(text.ids).hasSize(5).isEqualTo(alone(EngineHarness.greedy("a", 5, 1, 2, 3)).ids);
        assertThat(harness.engine.status().kvBlocksUsed()).isZero();
    }

    @Test
    void aWaitingRequestIsCancelledWithoutATokenAndTheNextGoesOn() {
        EngineHarness harness = new EngineHarness(
                new FakeForwardPass(VOCABULARY, CONTEXT, 4, 100, 64, 32), new EngineLimits(1, 64, 10, 10_000), true);
        harness.submit(EngineHarness.greedy("a", 8, 1));
        harness.submit(EngineHarness.greedy("b", 8, 2));
        harness.submit(EngineHarness.greedy("c", 8, 3));
        harness.step();
        harness.port.cancel("b", harness.outbox);
        harness.run();
        assertThat(harness.texts.get("b").reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(harness.texts.get("b").ids).isEmpty();
        assertThat(harness.texts.get("c").ids).hasSize(8);
    }

    @Test
    void aCancelThatComesAfterTheEndChangesNothing() {
        EngineHarness harness = harness();
        harness.submit(EngineHarness.greedy("a", 1, 1));
        harness.step();
        harness.port.cancel("a", harness.outbox);
        harness.run();
        assertThat(harness.texts.get("a").reason).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void aClosedOutboxCancelsAndDropsAndOthersGoOn() {
        EngineHarness harness = harness();
        Outbox other = harness.port.openOutbox();
        harness.port.submit(EngineHarness.greedy("a", 40, 1), other);
        harness.submit(EngineHarness.greedy("b", 10, 2));
        harness.step();
        harness.step();
        other.close();
        other.close();
        harness.run();
        assertThat(other.inFlight()).isZero();
        assertThat(harness.texts.get("b").ids).hasSize(10);
        assertThat(harness.engine.status().kvBlocksUsed()).isZero();
        assertThatThrownBy(() -> harness.port.submit(EngineHarness.greedy("c", 1, 1), other))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void afterAFailedStepTheRunningFailAndTheWaitingAreServed() {
        int[] passes = {0};
        FakeForwardPass forward = new FakeForwardPass(VOCABULARY, CONTEXT, 4, 100, 64, 32).beforeForward(rows -> {
            if (++passes[0] == 3) {
                throw new ArithmeticException("no luck");
            }
        });
        EngineHarness harness = new EngineHarness(forward, new EngineLimits(2, 64, 10, 10_000), true);
        for (String id : List.of("a", "b", "c", "d")) {
            harness.submit(EngineHarness.greedy(id, 4, 1, 2));
        }
        harness.step();
        harness.step();
        assertThatThrownBy(harness::step).isInstanceOf(ArithmeticException.class);
        harness.engine.failRunning("the step failed");
        harness.run();
        assertThat(harness.texts.get("a").error).isEqualTo("the step failed");
        assertThat(harness.texts.get("b").error).isEqualTo("the step failed");
        assertThat(harness.texts.get("c").ids).hasSize(4).isEqualTo(harness.texts.get("d").ids);
    }

    @Test
    void higherPriorityGoesFirst() {
        EngineHarness harness = new EngineHarness(
                new FakeForwardPass(VOCABULARY, CONTEXT, 4, 100, 64, 32), new EngineLimits(1, 64, 10, 10_000), true);
        List<String> order = new ArrayList<>();
        for (int priority : new int[] {0, 2, 1}) {
            String id = "p" + priority;
            harness.submit(new GenerationRequest(
                    id, new int[] {1}, SamplingParams.GREEDY, 1, new int[0], false, priority, token -> {
                        order.add(id);
                        return false;
                    }));
        }
        harness.run();
        assertThat(order).containsExactly("p2", "p1", "p0");
    }

    @Test
    void statisticsTellTokensAndTimes() {
        // the clock ticks at each look: at submission, at the start of a step and after its forward pass
        EngineHarness harness = new EngineHarness(
                new FakeForwardPass(VOCABULARY, CONTEXT, 4, 100, 4, 4), new EngineLimits(4, 4, 10, 10_000), true);
        harness.submit(EngineHarness.greedy("a", 3, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        RequestStatistics first = harness.run().get("a").statistics;
        // submitted at 0; steps at 1-2, 3-4, 5-6 for the prompt, 7-8 and 9-10 for two more tokens
        assertThat(first).isEqualTo(new RequestStatistics(9, 0, 3, 0, 1, 5, 4));

        harness.submit(EngineHarness.greedy("b", 1, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        RequestStatistics second = harness.run().get("b").statistics;
        assertThat(second).isEqualTo(new RequestStatistics(9, 8, 1, 0, 1, 1, 0));

        EngineStatus status = harness.engine.status();
        assertThat(status.steps()).isEqualTo(6);
        assertThat(status.computedTokens()).isEqualTo(9 + 2 + 1);
        assertThat(status.promptTokens()).isEqualTo(18);
        assertThat(status.completionTokens()).isEqualTo(4);
        assertThat(status.prefixQueryTokens()).isEqualTo(18);
        assertThat(status.prefixHitTokens()).isEqualTo(8);
        assertThat(status.finishedRequests()).isEqualTo(2);
    }

    @Test
    void pendingTokensFallWithEachTokenThatIsMade() {
        EngineHarness harness = harness();
        harness.submit(EngineHarness.greedy("a", 10, 1, 2, 3));
        harness.submit(EngineHarness.greedy("b", 1000, 1, 2, 3, 4));
        harness.step();
        assertThat(harness.engine.status().pendingTokens()).isEqualTo(10 + 60 - 2);
        harness.step();
        assertThat(harness.engine.status().pendingTokens()).isEqualTo(10 + 60 - 4);
        harness.port.cancel("b", harness.outbox);
        harness.step();
        assertThat(harness.engine.status().pendingTokens()).isEqualTo(10 - 3);
        harness.run();
        assertThat(harness.engine.status().pendingTokens()).isZero();
    }

    @Test
    void aFullQueueIsAnAnswerUntilEndsAreDrained() {
        EngineHarness harness = new EngineHarness(
                new FakeForwardPass(VOCABULARY, CONTEXT, 4, 100, 64, 32), new EngineLimits(4, 64, 2, 10_000), true);
        harness.submit(EngineHarness.greedy("a", 1, 1));
        harness.submit(EngineHarness.greedy("b", 1, 1));
        assertThat(harness.submit(EngineHarness.greedy("c", 1, 1)))
                .isEqualTo(new Admission.Full("queue full: 2 requests"));
        while (harness.step()) {}
        assertThat(harness.submit(EngineHarness.greedy("c", 1, 1))).isInstanceOf(Admission.Full.class);
        harness.drain();
        assertThat(harness.submit(EngineHarness.greedy("c", 1, 1))).isInstanceOf(Admission.Accepted.class);
    }

    @Test
    void tokensAreCountedAtAdmissionAndOneRequestAlwaysFits() {
        EngineHarness harness = new EngineHarness(
                new FakeForwardPass(VOCABULARY, CONTEXT, 4, 100, 64, 32), new EngineLimits(4, 64, 100, 10), true);
        assertThat(harness.submit(EngineHarness.greedy("a", 1_000_000, 1))).isInstanceOf(Admission.Accepted.class);
        assertThat(harness.submit(EngineHarness.greedy("b", 1, 1)))
                .isEqualTo(new Admission.Full("queue full: 64 tokens, and 2 more would be above 10"));
        harness.run();
        for (int i = 0; i < 5; i++) {
            assertThat(harness.submit(EngineHarness.greedy("b" + i, 1, 1))).isInstanceOf(Admission.Accepted.class);
        }
        assertThat(harness.submit(EngineHarness.greedy("c", 1, 1))).isInstanceOf(Admission.Full.class);
        harness.outbox.close();
        Outbox next = harness.port.openOutbox();
        assertThat(harness.port.submit(EngineHarness.greedy("c", 9, 1), next)).isInstanceOf(Admission.Accepted.class);
    }

    @Test
    void neverMakesABatchBeyondTheForwardPassLimits() {
        int[] most = {0};
        FakeForwardPass forward = new FakeForwardPass(VOCABULARY, CONTEXT, 4, 400, 7, 3)
                .beforeForward(rows -> most[0] = Math.max(most[0], rows));
        EngineHarness harness = new EngineHarness(forward, new EngineLimits(100, 1000, 100, 100_000), true);
        for (int i = 0; i < 20; i++) {
            int[] prompt = new int[1 + i];
            Arrays.fill(prompt, i);
            harness.submit(EngineHarness.greedy("r" + i, 5, prompt));
        }
        harness.run();
        assertThat(most[0]).isEqualTo(7);
        assertThat(harness.texts.values()).allMatch(text -> text.ids.size() == 5);
    }

    /** Requests come, are cancelled, fail and are dropped with their outbox at random; integrity after every action. */
    @Test
    void randomLivesKeepIntegrityAndEndExactlyOnce() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            int poison = random.nextInt(VOCABULARY);
            int sequences = 1 + random.nextInt(12);
            FakeForwardPass forward = new FakeForwardPass(
                            VOCABULARY, CONTEXT, 4, 16 + random.nextInt(40), 1 + random.nextInt(40), sequences)
                    .poison(poison);
            SchedulingPolicy policy =
                    new SchedulingPolicy(Duration.ofNanos(50), random.nextBoolean(), Map.of("t1", 2, "t2", 5));
            EngineLimits limits = new EngineLimits(sequences, 40, 30, 2_000, random.nextInt(3) * 3, policy);
            EngineHarness harness = new EngineHarness(forward, limits, random.nextInt(4) > 0);
            List<String> accepted = new ArrayList<>();
            try {
                for (int action = 0; action < 800; action++) {
                    String id = "r" + random.nextInt(60);
                    switch (random.nextInt(8)) {
                        case 0, 1, 2 -> {
                            Text before = harness.texts.get(id);
                            if (before == null || before.ended()) {
                                Admission admission = harness.submit(randomRequest(id, random, harness.nanos));
                                if (admission instanceof Admission.Accepted) {
                                    harness.texts.remove(id);
                                    harness.text(id);
                                    accepted.add(id);
                                }
                            }
                        }
                        case 3 -> {
                            if (random.nextInt(3) == 0) {
                                harness.port.cancel(id, harness.outbox);
                            }
                        }
                        case 4 -> {
                            if (random.nextInt(20) == 0) {
                                Outbox other = harness.port.openOutbox();
                                harness.port.submit(randomRequest(id, random, harness.nanos), other);
                                harness.step();
                                other.close();
                            }
                        }
                        case 5 -> harness.drain();
                        default -> harness.step();
                    }
                }
                harness.run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            assertThat(accepted)
                    .as("seed %d", seed)
                    .allMatch(id -> harness.texts.get(id).ended());
            assertThat(harness.outbox.inFlight()).as("seed %d", seed).isZero();
            assertThat(harness.engine.status().kvBlocksUsed())
                    .as("seed %d", seed)
                    .isZero();
            assertThat(harness.engine.status().pendingTokens())
                    .as("seed %d", seed)
                    .isZero();
        }
    }

    /** A token event is 32 bytes, its place in the outbox 4, the larger arrays of the growing sequences about 16. */
    @Test
    void aSteadyStepAllocatesItsEventsAndLittleElse() {
        int sequences = 8;
        int context = 4096;
        EngineHarness harness =
                new EngineHarness(new FakeForwardPass(8, context, 256, 200, 64, sequences), EngineHarness.LIMITS, true);
        for (int i = 0; i < sequences; i++) {
            harness.submit(new GenerationRequest(
                    "r" + i,
                    new int[] {i},
                    i % 2 == 0 ? SamplingParams.GREEDY : new SamplingParams(1, 3, 0.9f, 0.01f, i),
                    100_000,
                    new int[] {-1},
                    true,
                    0,
                    TokenWatcher.NONE));
        }
        harness.step();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int steps = 500;
        for (int i = 0; i < steps; i++) {
            harness.engine.step();
        }
        harness.engine.wakeOwners();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < steps; i++) {
            harness.engine.step();
            harness.engine.wakeOwners();
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(bytes / (double) (steps * sequences)).as("bytes a token").isLessThan(72);
    }

    /** Of any kind: one text or several, scored or embedded prompts, interrupted texts; of three tenants, some with a deadline. */
    private static GenerationRequest randomRequest(String id, Random random, long nowNanos) {
        int[] prompt = new int[1 + random.nextInt(30)];
        int period = 2 + random.nextInt(VOCABULARY);
        Arrays.setAll(prompt, i -> i < 8 ? i : random.nextInt(VOCABULARY) % period);
        SamplingParams sampling = random.nextBoolean()
                ? SamplingParams.GREEDY
                : new SamplingParams(1f, random.nextInt(10), 0.9f, 0f, random.nextLong());
        TokenWatcher watcher = random.nextInt(10) > 0
                ? TokenWatcher.NONE
                : token -> {
                    if (token % 7 == 0) {
                        throw new IllegalArgumentException("seven");
                    }
                    return token % 5 == 0;
                };
        long deadline = random.nextInt(6) > 0 ? SchedulingParams.NO_DEADLINE : nowNanos + random.nextInt(200);
        SchedulingParams scheduling = new SchedulingParams(random.nextInt(3), "t" + random.nextInt(3), deadline);
        int kind = random.nextInt(10);
        boolean looksOnly = kind < 2;
        int scored = kind == 0 || kind == 2 ? random.nextInt(3) : Report.NONE;
        Report report = new Report(random.nextInt(2) - 1, scored, 1 + random.nextInt(prompt.length), kind == 1);
        GenerationRequest request = new GenerationRequest(
                id,
                prompt,
                kind == 3 ? 2 + random.nextInt(4) : 1,
                sampling,
                looksOnly ? new Ending(0) : new Ending(1 + random.nextInt(60), 3),
                report,
                scheduling,
                sample -> {
                    if (sample > 3) {
                        throw new IllegalArgumentException("no fifth control");
                    }
                    return new DecodingControl(watcher, Optional.empty());
                });
        return kind == 4
                ? request.withMade(random.ints(random.nextInt(request.maxNewTokens() + 1), 0, 3)
                        .toArray())
                : request;
    }

    private static GenerationRequest watchedBy(String id, TokenWatcher watcher) {
        return new GenerationRequest(id, new int[] {1, 2, 3}, SamplingParams.GREEDY, 20, new int[0], true, 0, watcher);
    }

    private static Text alone(GenerationRequest request) {
        EngineHarness harness = harness();
        harness.submit(request);
        return harness.run().get(request.id());
    }

    private static EngineHarness harness() {
        return new EngineHarness(new FakeForwardPass(VOCABULARY, CONTEXT, 4, 100, 64, 32), EngineHarness.LIMITS, true);
    }
}
