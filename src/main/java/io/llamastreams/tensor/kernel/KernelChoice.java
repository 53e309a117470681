package io.llamastreams.tensor.kernel;

/**
 * Which implementation of {@link Kernels} is wanted. All give equal bits; they differ in speed alone.
 *
 * @param kind vector or scalar
 * @param vectorBits 128, 256 or 512; 0 for the widest that the processor has
 */
public record KernelChoice(Kind kind, int vectorBits) {

    public enum Kind {
        /** Vector code where the JVM has the Vector API, scalar code otherwise. */
        AUTO,
        VECTOR,
        SCALAR
    }

    public static final KernelChoice AUTO = new KernelChoice(Kind.AUTO, 0);
    public static final KernelChoice SCALAR = new KernelChoice(Kind.SCALAR, 0);

    public KernelChoice {
        if (vectorBits != 0 && vectorBits != 128 && vectorBits != 256 && vectorBits != 512) {
            throw new IllegalArgumentException("vector bits: expected 128, 256 or 512, found " + vectorBits);
        }
    }

    public static KernelChoice vector(int bits) {
        return new KernelChoice(Kind.VECTOR, bits);
    }
}
