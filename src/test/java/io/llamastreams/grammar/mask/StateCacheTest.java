package io.llamastreams.grammar.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.grammar.Adversary;
import io.llamastreams.grammar.Vocabularies;
import io.llamastreams.grammar.gbnf.GbnfParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What is remembered changes nothing: neither by its size nor by the threads that fill it. */
class StateCacheTest {
    private static final TokenBytes TOKENS = Vocabularies.awkward();
    private static final String GBNF =
            "root ::= \"[\" (root (\",\" \" \"? root)*)? \"]\" | \"\\\"\" [^\"]* \"\\\"\" | [0-9]+ | \"{\" root \"}\"";

    private static long[] masksOfATrip(MaskMaker masks, StackMachine machine, long seed) {
        Random random = new Random(seed);
        List<Long> all = new ArrayList<>();
        StackSet at = machine.start();
        for (int step = 0; step < 120 && at.size() > 0; step++) {
            long[] mask = new long[TOKENS.maskLength()];
            Arrays.fill(mask, -1);
            masks.mask(at).applyTo(mask);
            all.add((long) at.fewest());
            Arrays.stream(mask).forEach(all::add);
            // EOS is left out
            mask[TOKENS.eosId() >> 6] &= ~(1L << TOKENS.eosId());
            int token = Adversary.UNIFORM.choose(mask, TOKENS, random);
            at = machine.next(at, TOKENS.bytes(token));
        }
        return all.stream().mapToLong(Long::longValue).toArray();
    }

    private static StackMachine machine(int maxStates) {
        RuleAutomaton automaton = RuleAutomatonBuilder.build(GbnfParser.parse(GBNF), TOKENS.writable());
        return new StackMachine(automaton, new StateCache(automaton.classCount(), maxStates));
    }

    @Test
    void aCacheThatForgetsAllTheTimeGivesTheSameMasks() {
        StackMachine large = machine(100_000);
        StackMachine small = machine(7);
        for (int seed = 0; seed < 30; seed++) {
            assertThat(masksOfATrip(new MaskMaker(small, TOKENS), small, seed))
                    .isEqualTo(masksOfATrip(new MaskMaker(large, TOKENS), large, seed));
        }
    }

    @Test
    void threadsThatShareACacheGetTheSameMasks() throws InterruptedException, ExecutionException {
        StackMachine alone = machine(100_000);
        for (int maxStates : new int[] {50, 100_000}) {
            StackMachine shared = machine(maxStates);
            MaskMaker masks = new MaskMaker(shared, TOKENS);
            List<Callable<long[]>> trips = new ArrayList<>();
            for (int seed = 0; seed < 60; seed++) {
                int own = seed / 2;
                trips.add(() -> masksOfATrip(masks, shared, own));
            }
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                List<Future<long[]>> results = threads.invokeAll(trips);
                for (int i = 0; i < results.size(); i++) {
                    assertThat(results.get(i).get())
                            .isEqualTo(masksOfATrip(new MaskMaker(alone, TOKENS), alone, i / 2));
                }
            }
        }
    }
}
