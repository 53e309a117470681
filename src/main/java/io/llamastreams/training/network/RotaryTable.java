package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;

/**
 * Rotary embedding of queries and keys, and its inverse, which takes gradients back. Source: Su et al. 2021, "RoFormer",
 * section 3.2.2: pairs (2i, 2i + 1) of a head turn by position * theta^(-2i / headSize).
 */
final class RotaryTable {
    private final float[] cosSin;
    private final int headSize;

    RotaryTable(LlamaConfig config, int positions) {
        headSize = config.headSize();
        cosSin = new float[Math.multiplyExact(positions, headSize)];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < headSize; i += 2) {
                double frequency = StrictMath.pow(config.ropeTheta(), -(double) i / headSize);
                double angle = position / (double) config.ropeScale() * frequency;
                cosSin[position * headSize + i] = (float) StrictMath.cos(angle);
                cosSin[position * headSize + i + 1] = (float) StrictMath.sin(angle);
            }
        }
    }

    /** Turns {@code heads} heads from {@code at} on. */
    void turn(float[] x, int at, int heads, int position) {
        turn(x, at, heads, position, 1f);
    }

    /** Turns them back. */
    void turnBack(float[] x, int at, int heads, int position) {
        turn(x, at, heads, position, -1f);
    }

    private void turn(float[] x, int at, int heads, int position, float direction) {
        int table = position * headSize;
        for (int head = 0; head < heads; head++) {
            int h = at + head * headSize;
            for (int i = 0; i < headSize; i += 2) {
                float cos = cosSin[table + i];
                float sin = cosSin[table + i + 1] * direction;
                float a = x[h + i];
                float b = x[h + i + 1];
                x[h + i] = Math.fma(a, cos, -(b * sin));
                x[h + i + 1] = Math.fma(a, sin, b * cos);
            }
        }
    }
}
