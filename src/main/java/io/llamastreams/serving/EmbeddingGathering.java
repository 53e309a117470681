package io.llamastreams.serving;

import io.llamastreams.engine.request.TokenEvent;

/** The embedding of a prompt: one engine request. */
final class EmbeddingGathering extends ResultBuilder {
    private Answer answer = new Answer.Nothing();

    EmbeddingGathering(String id, long seed, int promptTokens) {
        super(id, seed, promptTokens, 1);
    }

    @Override
    void take(TokenEvent.Embedded event) {
        answer = new Answer.Embedding(LikelyTokens.floats(event.values()));
    }

    @Override
    Answer answer(boolean complete) {
        return answer;
    }
}
