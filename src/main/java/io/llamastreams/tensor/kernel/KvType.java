package io.llamastreams.tensor.kernel;

import java.util.Locale;

/**
 * How keys and values are kept between steps. It decides what is computed, unlike vector width, batch or threads.
 *
 * <p>{@link #F16} rounds each number once, when it is stored: to nearest, ties to even, as {@link Float#floatToFloat16} does.
 * So numbers below 2^-14 lose digits, those up to 2^-25 become zero, those from 65520 on become infinite, and what is not a
 * number stays so. Reading is exact, and from there on the arithmetic is that of {@link #F32}.
 */
public enum KvType {
    F32(4),
    F16(2);

    private final int bytes;

    KvType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one number. */
    public int bytes() {
        return bytes;
    }

    /** The name in configurations and records: {@code f32} or {@code f16}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
