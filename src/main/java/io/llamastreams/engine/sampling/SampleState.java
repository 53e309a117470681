package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenConstraint;
import java.util.Optional;

/**
 * What the next token of one text depends on besides its logits: parameters, tokens so far, and a constraint. Lives as long as
 * the text, also while its memory is taken away and computed again. One thread at a time.
 */
public final class SampleState {
    private final SamplingParams params;
    private final int sample;
    private final Optional<TokenConstraint> constraint;
    private final int maxNewTokens;
    private int newTokens;

    /**
     * The state at the end of a prompt.
     *
     * @param sample which of several texts for one prompt, for its random numbers
     * @param prompt not copied, must not change
     * @param stopTokenIds tokens that cannot come before {@link io.llamastreams.engine.request.TokenRules#minTokens}
     * @param maxNewTokens most tokens that the text may get
     */
    public SampleState(
            SamplingParams params,
            int sample,
            int[] prompt,
            int[] stopTokenIds,
            Optional<TokenConstraint> constraint,
            int maxNewTokens) {
        this.params = params;
        this.sample = sample;
        this.constraint = constraint;
        this.maxNewTokens = maxNewTokens;
    }

    public SamplingParams params() {
        return params;
    }

    /** Takes the next token of the text. */
    public void accept(int token) {
        newTokens++;
        constraint.ifPresent(c -> c.accept(token));
    }

    /** Whether the constraint allows nothing more than an end. */
    public boolean isEnded() {
        return constraint.isPresent() && constraint.get().isEnded();
    }

    int sample() {
        return sample;
    }

    int tokensLeft() {
        return maxNewTokens - newTokens;
    }
}
