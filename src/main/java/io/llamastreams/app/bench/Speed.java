package io.llamastreams.app.bench;

import java.util.Arrays;

/** Tokens per second of several runs, in ascending order. */
public record Speed(double[] tokensPerSecond) {

    public Speed {
        tokensPerSecond = tokensPerSecond.clone();
        Arrays.sort(tokensPerSecond);
    }

    public double median() {
        int middle = tokensPerSecond.length / 2;
        return tokensPerSecond.length % 2 == 1
                ? tokensPerSecond[middle]
                : (tokensPerSecond[middle - 1] + tokensPerSecond[middle]) / 2;
    }

    public double least() {
        return tokensPerSecond[0];
    }

    public double most() {
        return tokensPerSecond[tokensPerSecond.length - 1];
    }
}
