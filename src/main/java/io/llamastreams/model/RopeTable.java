package io.llamastreams.model;

/** Cosines and sines of the rotary embedding. Source: Su et al. 2021, "RoFormer", section 3.2.2. Immutable; any thread. */
public final class RopeTable {
    private final float[] cosSin;
    private final int headSize;

    public RopeTable(LlamaConfig config) {
        headSize = config.headSize();
        cosSin = new float[Math.multiplyExact(config.contextLength(), headSize)];
        for (int position = 0; position < config.contextLength(); position++) {
            for (int i = 0; i < headSize; i += 2) {
                double frequency = StrictMath.pow(config.ropeTheta(), -(double) i / headSize);
                double angle = position / (double) config.ropeScale() * frequency;
                cosSin[position * headSize + i] = (float) StrictMath.cos(angle);
                cosSin[position * headSize + i + 1] = (float) StrictMath.sin(angle);
            }
        }
    }

    /** [contextLength][headSize / 2] pairs of cosine and sine. */
    public float[] values() {
        return cosSin;
    }

    /** Where the pairs of a position begin in {@link #values}. */
    public int offset(int position) {
        return position * headSize;
    }
}
