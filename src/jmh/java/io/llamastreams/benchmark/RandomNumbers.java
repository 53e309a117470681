package io.llamastreams.benchmark;

import java.util.SplittableRandom;

/** Seeded numbers: constant ones are read and multiplied faster than what a model holds. */
final class RandomNumbers {
    private RandomNumbers() {}

    /** Normal, mean 0. */
    static float[] normal(long seed, int count, double deviation) {
        float[] numbers = new float[count];
        fillNormal(seed, numbers, deviation);
        return numbers;
    }

    static void fillNormal(long seed, float[] numbers, double deviation) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) (random.nextGaussian() * deviation);
        }
    }
}
