package io.llamastreams.engine.sampling;

/**
 * Random numbers as a function of what they are for: nothing is drawn from a stream, so no order of events can change them.
 * Philox4x32 with 10 rounds. Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel Random Numbers: As Easy as 1, 2, 3". Any
 * thread.
 */
public final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int KEY_STEP_0 = 0x9E3779B9;
    private static final int KEY_STEP_1 = 0xBB67AE85;

    private Philox() {}

    /**
     * 64 random bits: words 0 (low) and 1 (high) of the block with counter (position, sampleIndex, 0, 0) and key (low, high
     * half of the seed).
     *
     * @param sampleIndex which of several texts for one prompt
     * @param position of the token that is drawn, counted from the start of the prompt
     */
    public static long bits(long seed, int sampleIndex, int position) {
        return block(position, sampleIndex, 0, 0, (int) seed, (int) (seed >>> 32));
    }

    static long block(int c0, int c1, int c2, int c3, int key0, int key1) {
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * (c0 & 0xFFFFFFFFL);
            long product1 = MULTIPLIER_1 * (c2 & 0xFFFFFFFFL);
            c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
            c3 = (int) product0;
            key0 += KEY_STEP_0;
            key1 += KEY_STEP_1;
        }
        return (long) c1 << 32 | c0 & 0xFFFFFFFFL;
    }
}
