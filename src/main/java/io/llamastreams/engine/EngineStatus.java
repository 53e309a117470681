package io.llamastreams.engine;

import java.util.Arrays;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** What the engine looked like after its last step: its numbers, all of one moment. Immutable, any thread. */
@SuppressWarnings("EnumOrdinal") // the numbers lie in an array, for a writer that allocates nothing
public final class EngineStatus {
    private static final EngineNumber[] ALL = EngineNumber.values();

    /** By {@link EngineNumber#ordinal}. */
    private final long[] numbers;

    private EngineStatus(long[] numbers) {
        this.numbers = numbers;
    }

    /** Of these numbers. */
    public static EngineStatus of(ToLongFunction<EngineNumber> source) {
        long[] numbers = newNumbers();
        write(source, numbers);
        return new EngineStatus(numbers);
    }

    /** Of numbers that {@link #write} has written and that nobody changes any more. */
    static EngineStatus of(long[] numbers) {
        return new EngineStatus(numbers);
    }

    /** Room for all numbers. */
    static long[] newNumbers() {
        return new long[ALL.length];
    }

    /** Writes all numbers to where {@link #of(long[])} looks for them. Allocates nothing. */
    static void write(ToLongFunction<EngineNumber> source, long[] out) {
        for (EngineNumber number : ALL) {
            out[number.ordinal()] = source.applyAsLong(number);
        }
    }

    public long get(EngineNumber number) {
        return numbers[number.ordinal()];
    }

    /** {@link EngineNumber#RUNNING}. */
    public int running() {
        return (int) get(EngineNumber.RUNNING);
    }

    /** {@link EngineNumber#WAITING}. */
    public int waiting() {
        return (int) get(EngineNumber.WAITING);
    }

    /** {@link EngineNumber#PENDING_TOKENS}. */
    public long pendingTokens() {
        return get(EngineNumber.PENDING_TOKENS);
    }

    /** {@link EngineNumber#KV_BLOCKS_USED}. */
    public int kvBlocksUsed() {
        return (int) get(EngineNumber.KV_BLOCKS_USED);
    }

    /** {@link EngineNumber#KV_BLOCKS_CACHED}. */
    public int kvBlocksCached() {
        return (int) get(EngineNumber.KV_BLOCKS_CACHED);
    }

    /** {@link EngineNumber#KV_BLOCKS_TOTAL}. */
    public int kvBlocksTotal() {
        return (int) get(EngineNumber.KV_BLOCKS_TOTAL);
    }

    /** {@link EngineNumber#KV_BLOCKS_PEAK}. */
    public int kvBlocksPeak() {
        return (int) get(EngineNumber.KV_BLOCKS_PEAK);
    }

    /** {@link EngineNumber#STEPS}. */
    public long steps() {
        return get(EngineNumber.STEPS);
    }

    /** {@link EngineNumber#COMPUTED_TOKENS}. */
    public long computedTokens() {
        return get(EngineNumber.COMPUTED_TOKENS);
    }

    /** {@link EngineNumber#PROMPT_TOKENS}. */
    public long promptTokens() {
        return get(EngineNumber.PROMPT_TOKENS);
    }

    /** {@link EngineNumber#COMPLETION_TOKENS}. */
    public long completionTokens() {
        return get(EngineNumber.COMPLETION_TOKENS);
    }

    /** {@link EngineNumber#FINISHED_REQUESTS}. */
    public long finishedRequests() {
        return get(EngineNumber.FINISHED_REQUESTS);
    }

    /** {@link EngineNumber#FAILED_REQUESTS}. */
    public long failedRequests() {
        return get(EngineNumber.FAILED_REQUESTS);
    }

    /** {@link EngineNumber#PREEMPTIONS}. */
    public long preemptions() {
        return get(EngineNumber.PREEMPTIONS);
    }

    /** {@link EngineNumber#PREFIX_QUERY_TOKENS}. */
    public long prefixQueryTokens() {
        return get(EngineNumber.PREFIX_QUERY_TOKENS);
    }

    /** {@link EngineNumber#PREFIX_HIT_TOKENS}. */
    public long prefixHitTokens() {
        return get(EngineNumber.PREFIX_HIT_TOKENS);
    }

    /** {@link EngineNumber#PREFIX_EVICTIONS}. */
    public long prefixEvictions() {
        return get(EngineNumber.PREFIX_EVICTIONS);
    }

    /** {@link EngineNumber#DRAFT_TOKENS}. */
    public long draftTokens() {
        return get(EngineNumber.DRAFT_TOKENS);
    }

    /** {@link EngineNumber#ACCEPTED_DRAFT_TOKENS}. */
    public long acceptedDraftTokens() {
        return get(EngineNumber.ACCEPTED_DRAFT_TOKENS);
    }

    /** All numbers by name, for messages. */
    @Override
    public String toString() {
        return Arrays.stream(ALL)
                .map(number -> number + "=" + get(number))
                .collect(Collectors.joining(", ", "EngineStatus[", "]"));
    }
}
