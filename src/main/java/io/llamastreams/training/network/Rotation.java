package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.RopeTable;

/** Rotary embedding of queries and keys, and its inverse, which takes gradients back. */
final class Rotation {
    private final RopeTable table;
    private final int headSize;

    Rotation(LlamaConfig config) {
        table = new RopeTable(config);
        headSize = config.headSize();
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
        float[] cosSin = table.values();
        int first = table.offset(position);
        for (int head = 0; head < heads; head++) {
            int h = at + head * headSize;
            for (int i = 0; i < headSize; i += 2) {
                float cos = cosSin[first + i];
                float sin = cosSin[first + i + 1] * direction;
                float a = x[h + i];
                float b = x[h + i + 1];
                x[h + i] = Math.fma(a, cos, -(b * sin));
                x[h + i + 1] = Math.fma(a, sin, b * cos);
            }
        }
    }
}
