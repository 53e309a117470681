package io.llamastreams.tensor.vector;

import io.llamastreams.tensor.kernel.ExactMath;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Width of the vectors, and what small vector functions the kernels share. */
final class Lanes {
    private static final int MAX_BITS = 512;

    static final VectorSpecies<Float> F = VectorSpecies.of(float.class, VectorShape.forBitSize(chosenBits()));
    static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());

    /** Floats in a vector: 4, 8 or 16. */
    static final int L = F.length();

    /** As many shorts as floats in a vector. */
    static final VectorSpecies<Short> S = VectorSpecies.of(short.class, VectorShape.forBitSize(L * 16));

    /** At least as many bytes as floats in a vector; there is none of fewer than 8. */
    static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, L * 8)));

    /** Shorts in a vector: twice as many as floats. */
    static final VectorSpecies<Short> W = VectorSpecies.of(short.class, F.vectorShape());

    /** As many bytes as {@link #W} has shorts. */
    static final VectorSpecies<Byte> WB = VectorSpecies.of(byte.class, VectorShape.forBitSize(L * 16));

    /** Sign, exponent and fraction of an f16 that was moved by 13 bits; three more copies of the sign lie between. */
    static final int HALF = 0x8fffe000;

    /** What an f16 lacks when its bits are taken for those of an f32. */
    static final float HALF_SCALE = 0x1p112f;

    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private Lanes() {}

    static int bits() {
        return F.vectorBitSize();
    }

    private static int chosenBits() {
        return Lanes.class.getClassLoader() instanceof WidthLoader loader
                ? loader.bits()
                : Math.min(MAX_BITS, FloatVector.SPECIES_PREFERRED.vectorBitSize());
    }

    /** Finite f16 to f32, exactly. */
    static FloatVector halfToFloat(ShortVector half) {
        return halfToFloat((IntVector) half.convertShape(VectorOperators.S2I, I, 0));
    }

    /**
     * Finite f16, each with its sign spread over the upper half of the lane, to f32, exactly: exponent and fraction are moved to
     * where an f32 has them, which is 2^-112 of the number, subnormal ones included.
     */
    static FloatVector halfToFloat(IntVector bits) {
        return bits.lanewise(VectorOperators.LSHL, 13)
                .and(HALF)
                .reinterpretAsFloats()
                .mul(HALF_SCALE);
    }

    static FloatVector bfloatToFloat(ShortVector bfloat) {
        return ((IntVector) bfloat.convertShape(VectorOperators.S2I, I, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
    }

    static FloatVector bytesToFloat(ByteVector bytes) {
        return (FloatVector) bytes.convertShape(VectorOperators.B2F, F, 0);
    }

    static FloatVector intsToFloat(IntVector ints) {
        return (FloatVector) ints.convertShape(VectorOperators.I2F, F, 0);
    }

    /** {@link ExactMath#exp} in each lane. */
    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.max(ExactMath.EXP_MIN).min(ExactMath.EXP_MAX);
        FloatVector shifted =
                clamped.fma(FloatVector.broadcast(F, ExactMath.LOG2_E), FloatVector.broadcast(F, ExactMath.ROUNDING));
        FloatVector n = shifted.sub(ExactMath.ROUNDING);
        FloatVector r = n.fma(FloatVector.broadcast(F, ExactMath.LN2_HIGH), clamped);
        r = n.fma(FloatVector.broadcast(F, ExactMath.LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(F, ExactMath.EXP_C5);
        p = p.fma(r, FloatVector.broadcast(F, ExactMath.EXP_C4));
        p = p.fma(r, FloatVector.broadcast(F, ExactMath.EXP_C3));
        p = p.fma(r, FloatVector.broadcast(F, ExactMath.EXP_C2));
        p = p.fma(r, FloatVector.broadcast(F, ExactMath.EXP_C1));
        p = p.fma(r, FloatVector.broadcast(F, ExactMath.EXP_C0));
        p = p.fma(r.mul(r), r).add(1f);
        return p.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }

    /** Last three levels of the fixed tree of 16 virtual lanes: the 8 sums come as lanes 0-3 and 4-7. */
    static float tree(float a0, float a1, float a2, float a3, float a4, float a5, float a6, float a7) {
        return ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7));
    }
}
