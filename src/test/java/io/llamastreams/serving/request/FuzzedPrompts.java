package io.llamastreams.serving.request;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SchedulingPolicy;
import io.llamastreams.serving.LetterVocabulary;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.chat.ChatForm;
import io.llamastreams.serving.options.RequestOptions;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.List;

/** For fuzzing elsewhere: what serving makes of a prompt. */
public final class FuzzedPrompts {
    private static final int CONTEXT = 256;
    private static final EngineLimits LIMITS = new EngineLimits(8, 64, 16, 4096, 0, SchedulingPolicy.EQUAL);
    private static final Tokenizer TOKENIZER = LetterVocabulary.tokenizer();

    private FuzzedPrompts() {}

    /** @throws IllegalStateException if a prompt is accepted that is outside the limits */
    public static void staysWithinLimits(Prompt prompt) {
        PromptReader reader = new PromptReader(TOKENIZER, CONTEXT, LIMITS, ChatForm.with(TOKENIZER));
        switch (reader.read(prompt)) {
            case PromptReader.Reading.Refused refused ->
                expect(!refused.reason().isBlank(), "a reason", "none");
            case PromptReader.Reading.Ready ready -> check(ready.requests());
        }
    }

    private static void check(List<GenerationRequest> requests) {
        expect(!requests.isEmpty(), "a request", "none");
        expect(requests.size() <= RequestOptions.MAX_CONTINUATIONS, "few requests", requests.size());
        for (GenerationRequest request : requests) {
            int[] ids = request.promptIds();
            expect(ids.length >= 1 && ids.length <= CONTEXT, "1 to " + CONTEXT + " tokens", ids.length);
            for (int id : ids) {
                expect(id >= 0 && id < TOKENIZER.vocabularySize(), "a known token", id);
            }
            expect(
                    request.samples() >= 1 && request.samples() <= RequestOptions.MAX_SAMPLES,
                    "texts",
                    request.samples());
            expect(
                    request.ending().maxNewTokens() >= 0,
                    "no negative length",
                    request.ending().maxNewTokens());
            expect(
                    Float.isFinite(request.sampling().temperature()),
                    "a temperature",
                    request.sampling().temperature());
        }
    }

    private static void expect(boolean holds, String expected, Object found) {
        if (!holds) {
            throw new IllegalStateException("expected " + expected + ", found " + found);
        }
    }
}
