package io.llamastreams.serving.result;

import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.tokenizer.TextDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One text as it grows. One owner: the session's thread. */
public final class CompletionText {
    private final TextEnd end;
    private final Shown shown;
    private final TextDecoder decoder;
    private final StopMatcher matcher;
    private final StringBuilder decoded = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokenIds = new ArrayList<>();
    private final List<Float> logprobs = new ArrayList<>();
    private final List<LikelyTokens> likeliest = new ArrayList<>();
    private double cumulativeLogprob;

    /**
     * What ends a text.
     *
     * @param minTokens tokens before which a stop string does not
     */
    public record TextEnd(StopStrings stops, int[] stopTokenIds, int minTokens) {
        boolean isStopToken(int token) {
            for (int stop : stopTokenIds) {
                if (stop == token) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Which log-probabilities the caller sees. */
    public enum Shown {
        NONE,
        /** Their sum, which texts are compared by. */
        SUM,
        CHOSEN,
        CHOSEN_AND_LIKELIEST
    }

    /** @param decoder at the end of the prompt; this text's own from now on */
    public CompletionText(TextEnd end, Shown shown, TextDecoder decoder) {
        this.end = end;
        this.shown = shown;
        this.decoder = decoder;
        matcher = new StopMatcher(end.stops());
    }

    /** Takes the next token; the text that is certain by it, empty if none is. */
    String append(TokenEvent.Token event) {
        tokenIds.add(event.token());
        note(event);
        if (end.isStopToken(event.token())) {
            return "";
        }
        int before = text.length();
        decoded.setLength(0);
        decoder.append(event.token(), decoded);
        if (tokenIds.size() > end.minTokens()) {
            matcher.append(decoded, text);
        } else {
            matcher.appendWithoutStop(decoded, text);
        }
        return text.substring(before);
    }

    private void note(TokenEvent.Token event) {
        switch (shown) {
            case NONE -> {}
            case SUM -> cumulativeLogprob += event.logprob();
            case CHOSEN -> {
                cumulativeLogprob += event.logprob();
                logprobs.add(event.logprob());
            }
            case CHOSEN_AND_LIKELIEST -> {
                cumulativeLogprob += event.logprob();
                logprobs.add(event.logprob());
                likeliest.add(LikelyTokens.of(event.likeliest()));
            }
        }
    }

    /** Says that no more tokens come; the text that was held back until now. */
    String end() {
        if (matcher.isStopped()) {
            return "";
        }
        int before = text.length();
        matcher.end(text);
        text.append(decoder.flush());
        return text.substring(before);
    }

    /** The tokens so far. */
    List<Integer> tokens() {
        return tokenIds;
    }

    int tokenCount() {
        return tokenIds.size();
    }

    /** The text after {@link #end}. */
    Choice choice(int index, FinishReason reason) {
        return new Choice(
                index,
                text.toString(),
                tokenIds,
                Optional.of(nameOf(reason)),
                logprobs,
                likeliest,
                shown == Shown.NONE ? Optional.empty() : Optional.of(cumulativeLogprob));
    }

    private static String nameOf(FinishReason reason) {
        return switch (reason) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case REPETITION -> "repetition";
            case CANCELLED -> "cancelled";
            case EXPIRED -> "expired";
        };
    }
}
