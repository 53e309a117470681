package io.llamastreams.serving;

import java.nio.charset.StandardCharsets;

/** Hashes that are the same in every process and every version. Stateless. */
public final class StableHash {
    private static final long FNV_START = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private StableHash() {}

    /** FNV-1a in 64 bits, of the text's bytes in UTF-8; its low bits know little of the last ones. */
    public static long of(String text) {
        long hash = FNV_START;
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ Byte.toUnsignedLong(value)) * FNV_PRIME;
        }
        return hash;
    }

    /**
     * The same, of numbers.
     *
     * @param count how many of the first ones count, at most
     */
    public static long of(int[] values, int count) {
        long hash = FNV_START;
        for (int i = 0; i < Math.min(count, values.length); i++) {
            hash = (hash ^ values[i]) * FNV_PRIME;
        }
        return hash;
    }

    /** Spreads what a hash knows over all of its bits: the last step of MurmurHash3. */
    public static long mix(long value) {
        long hash = (value ^ value >>> 33) * 0xFF51AFD7ED558CCDL;
        hash = (hash ^ hash >>> 33) * 0xC4CEB9FE1A85EC53L;
        return hash ^ hash >>> 33;
    }
}
