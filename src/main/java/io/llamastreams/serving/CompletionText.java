package io.llamastreams.serving;

import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.RequestStatistics;
import io.llamastreams.tokenizer.TextDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The text of one request as it grows, and what its end is made of. One owner: the session's thread. */
final class CompletionText {
    private final String id;
    private final int promptTokens;
    private final long seed;
    private final boolean wantsLogprobs;
    private final int[] stopTokenIds;
    private final TextDecoder decoder;
    private final StopMatcher matcher;
    private final StringBuilder decoded = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokenIds = new ArrayList<>();
    private final List<Float> logprobs = new ArrayList<>();

    /** @param decoder at the end of the prompt; this text's own from now on */
    CompletionText(
            String id,
            int promptTokens,
            long seed,
            boolean wantsLogprobs,
            int[] stopTokenIds,
            TextDecoder decoder,
            StopStrings stops) {
        this.id = id;
        this.promptTokens = promptTokens;
        this.seed = seed;
        this.wantsLogprobs = wantsLogprobs;
        this.stopTokenIds = stopTokenIds;
        this.decoder = decoder;
        matcher = new StopMatcher(stops);
    }

    int promptTokens() {
        return promptTokens;
    }

    /** Takes the next token; the text that is certain by it, empty if none is. */
    String append(int token, float logprob) {
        tokenIds.add(token);
        if (wantsLogprobs) {
            logprobs.add(logprob);
        }
        if (isStopToken(token)) {
            return "";
        }
        int before = text.length();
        decoded.setLength(0);
        decoder.append(token, decoded);
        matcher.append(decoded, text);
        return text.substring(before);
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

    /** The end of a request after {@link #end}. */
    Generation finished(FinishReason reason, RequestStatistics cost) {
        String finishReason = switch (reason) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case REPETITION -> "repetition";
            case CANCELLED -> "cancelled";
            case EXPIRED -> "expired";
        };
        Usage usage = new Usage(
                cost.promptTokens(),
                cost.cachedTokens(),
                cost.completionTokens(),
                cost.queueNanos(),
                cost.prefillNanos(),
                cost.decodeNanos());
        Generation.Status status = switch (reason) {
            case STOP, LENGTH, REPETITION -> Generation.Status.SUCCEEDED;
            case CANCELLED -> Generation.Status.CANCELLED;
            case EXPIRED -> Generation.Status.EXPIRED;
        };
        return new Generation(
                id, status, text.toString(), tokenIds, logprobs, Optional.of(finishReason), usage, seed, "");
    }

    /** The end of a request by an error: its text is void, its tokens were made all the same. */
    Generation failed(String error) {
        Usage usage = new Usage(promptTokens, 0, tokenIds.size(), 0, 0, 0);
        return new Generation(
                id, Generation.Status.FAILED, "", List.of(), List.of(), Optional.empty(), usage, seed, error);
    }

    private boolean isStopToken(int token) {
        for (int stop : stopTokenIds) {
            if (stop == token) {
                return true;
            }
        }
        return false;
    }
}
