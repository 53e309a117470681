package io.llamastreams.serving.result;

import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.LikelyTokens;

/** The embedding of a prompt: one engine request. */
public final class EmbeddingResultBuilder extends ResultBuilder {
    private Answer answer = new Answer.Nothing();

    public EmbeddingResultBuilder(String id, long seed, int promptTokens) {
        super(id, seed, promptTokens, 1);
    }

    @Override
    public void take(TokenEvent.Embedded event) {
        answer = new Answer.Embedding(LikelyTokens.floats(event.values()));
    }

    @Override
    Answer answer(boolean complete) {
        return answer;
    }
}
