package io.llamastreams.serving;

import io.llamastreams.engine.request.Likeliest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The likeliest tokens at one place, likeliest first, of equals the lower id.
 *
 * @param tokenIds which
 * @param logprobs natural logarithms of their probabilities
 */
public record LikelyTokens(List<Integer> tokenIds, List<Float> logprobs) {

    public LikelyTokens {
        tokenIds = List.copyOf(tokenIds);
        logprobs = List.copyOf(logprobs);
    }

    public static LikelyTokens of(Likeliest likeliest) {
        return new LikelyTokens(Arrays.stream(likeliest.tokens()).boxed().toList(), floats(likeliest.logprobs()));
    }

    public static List<Float> floats(float[] values) {
        List<Float> list = new ArrayList<>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return list;
    }
}
