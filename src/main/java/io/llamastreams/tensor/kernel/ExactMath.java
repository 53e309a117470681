package io.llamastreams.tensor.kernel;

/**
 * Elementary functions whose every bit is defined here, so that scalar and vector code of any width agree. Any thread.
 */
public final class ExactMath {
    /** Below this, e^x is the smallest that is computed; above {@link #EXP_MAX} the largest. */
    public static final float EXP_MIN = -87.3f;

    public static final float EXP_MAX = 88.3f;
    public static final float LOG2_E = 1.44269504f;

    /** Adding this and taking it away again rounds a small float to the nearest integer. */
    public static final float ROUNDING = 12582912f;

    public static final float LN2_HIGH = -0.693359375f;
    public static final float LN2_LOW = 2.12194440e-4f;
    public static final float EXP_C5 = 1.9875691500e-4f;
    public static final float EXP_C4 = 1.3981999507e-3f;
    public static final float EXP_C3 = 8.3334519073e-3f;
    public static final float EXP_C2 = 4.1665795894e-2f;
    public static final float EXP_C1 = 1.6666665459e-1f;
    public static final float EXP_C0 = 5.0000001201e-1f;

    /** Weight of the likeliest token in a draw. */
    public static final float DRAW_ONE = 0x1p40f;

    /** Below this, e^x is less than 2^-40: -40 ln 2. */
    public static final float LEAST_DRAW_EXPONENT = -27.725887f;

    private ExactMath() {}

    /**
     * e^x with a relative error below 2e-7 for x in [-87.3, 88.3]; arguments outside are clamped to that range, NaN stays
     * NaN. Source: Cephes {@code expf}: x = n ln 2 + r, e^r by a polynomial of degree 7 around 0.
     */
    public static float exp(float x) {
        float clamped = Math.min(Math.max(x, EXP_MIN), EXP_MAX);
        float shifted = Math.fma(clamped, LOG2_E, ROUNDING);
        float n = shifted - ROUNDING;
        float r = Math.fma(n, LN2_HIGH, clamped);
        r = Math.fma(n, LN2_LOW, r);
        float p = EXP_C5;
        p = Math.fma(p, r, EXP_C4);
        p = Math.fma(p, r, EXP_C3);
        p = Math.fma(p, r, EXP_C2);
        p = Math.fma(p, r, EXP_C1);
        p = Math.fma(p, r, EXP_C0);
        p = Math.fma(p, r * r, r) + 1f;
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
    }
}
