package io.llamastreams.engine;

import io.llamastreams.engine.sampling.BatchSampler;
import io.llamastreams.engine.schedule.StepPlan;
import io.llamastreams.model.ForwardBatch;
import io.llamastreams.model.ForwardPass;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From the plan of a step to what the forward pass and the sampler say about it. The rows of a sequence stand together, known
 * tokens first, then its draft; their logits and hidden states come in the same order.
 *
 * <p>Filled anew for each step: {@link #fill}, {@link #forward}, {@link #draw}, then the results by the sequence's index in the
 * plan. Engine thread only.
 */
final class StepRun {
    private static final int NONE = -1;

    private final ForwardPass forward;
    private final BatchSampler sampler;
    private final ForwardBatch batch;

    // by index in the plan
    private final int[] firstLogits;
    private final int[] firstHidden;
    private final int[] hiddenCounts;
    private final int[] firstScored;
    private final int[] scoredCounts;
    private final int[] drawn;

    /** Further texts that begin with the first one's logits, in the order of the plan and of samples. */
    private final List<ActiveText.Start> others = new ArrayList<>();

    private final List<Integer> othersDrawn = new ArrayList<>();

    StepRun(ForwardPass forward, Kernels kernels, WorkerPool workers, int maxSequences) {
        this.forward = forward;
        sampler = new BatchSampler(kernels, workers, forward.config().vocabularySize());
        batch = new ForwardBatch(forward.maxRows(), forward.maxLogitRows());
        firstLogits = new int[maxSequences];
        firstHidden = new int[maxSequences];
        hiddenCounts = new int[maxSequences];
        firstScored = new int[maxSequences];
        scoredCounts = new int[maxSequences];
        drawn = new int[maxSequences];
    }

    int rows() {
        return batch.rows();
    }

    int logitRows() {
        return batch.logitRowCount();
    }

    /** Copies blocks and puts all rows of the plan into the batch. */
    void fill(StepPlan<ActiveText> plan) {
        for (int i = 0; i < plan.copyCount(); i++) {
            forward.copyBlock(plan.copyFrom(i), plan.copyTo(i));
        }
        batch.clear();
        for (int i = 0; i < plan.size(); i++) {
            ActiveText text = plan.sequence(i);
            firstLogits[i] = batch.logitRowCount();
            firstHidden[i] = batch.hiddenRowCount();
            int end = text.computed() + plan.tokenCount(i);
            for (int position = text.computed(); position < end; position++) {
                addRow(text, position);
            }
            for (int n = 0; n < plan.draftCount(i); n++) {
                batch.addWithLogits(text.draft()[n], end + n, text.blocks());
            }
            hiddenCounts[i] = batch.hiddenRowCount() - firstHidden[i];
        }
    }

    private void addRow(ActiveText text, int position) {
        int token = text.token(position);
        if (text.request().promptOutputs().isPresent()
                && text.request().promptOutputs().get().embedsAt(position)) {
            batch.addWithHidden(token, position, text.blocks());
        } else if (text.scoresAt(position) || text.drawsAt(position)) {
            batch.addWithLogits(token, position, text.blocks());
        } else {
            batch.add(token, position, text.blocks());
        }
    }

    void forward() {
        forward.forward(batch);
    }

    /** Scores and draws for all rows of the plan, whose tokens are not noted as computed yet. */
    void draw(StepPlan<ActiveText> plan) {
        sampler.clear();
        others.clear();
        othersDrawn.clear();
        for (int i = 0; i < plan.size(); i++) {
            add(plan, i);
        }
        sampler.draw(forward.logits());
    }

    private void add(StepPlan<ActiveText> plan, int i) {
        ActiveText text = plan.sequence(i);
        int row = firstLogits[i];
        int end = text.computed() + plan.tokenCount(i);
        scoredCounts[i] = 0;
        for (int position = text.computed(); position < end; position++) {
            if (text.scoresAt(position)) {
                int entry = sampler.addScored(
                        text.token(position + 1),
                        row++,
                        text.request().promptOutputs().orElseThrow().likeliestAfter(position));
                firstScored[i] = scoredCounts[i]++ == 0 ? entry : firstScored[i];
            }
        }
        drawn[i] = NONE;
        if (text.drawsAt(end - 1)) {
            int logprobs = text.request().request().report().logprobs();
            int position = text.known();
            drawn[i] = sampler.add(text.drawing(), row, position, text.draft(), plan.draftCount(i), logprobs);
            if (text.request().awaitsOthers()) {
                for (ActiveText.Start start : text.request().others()) {
                    others.add(start);
                    othersDrawn.add(sampler.add(start.drawing(), row, position, logprobs));
                }
            }
        }
    }

    /** Hands what was wanted of the prompt's rows to the request. */
    void tell(ActiveText text, int i) {
        PromptOutputs outputs = text.request().promptOutputs().orElseThrow();
        for (int n = 0; n < scoredCounts[i]; n++) {
            outputs.addScore(sampler.logprob(firstScored[i] + n, 0), sampler.likeliest(firstScored[i] + n, 0));
        }
        int width = forward.config().embeddingLength();
        for (int n = 0; n < hiddenCounts[i]; n++) {
            outputs.addHidden(forward.hidden(), (firstHidden[i] + n) * width);
        }
    }

    /** Why tokens of the prompt could not be scored, if they could not. */
    Optional<String> scoringFailure(int i) {
        for (int n = 0; n < scoredCounts[i]; n++) {
            Optional<String> failure = sampler.failure(firstScored[i] + n);
            if (failure.isPresent()) {
                return failure;
            }
        }
        return Optional.empty();
    }

    /** The sampler's index of the text's next tokens, if there are any: see {@link #hasDrawn}. */
    int drawn(int i) {
        return drawn[i];
    }

    /** Whether the text reached its end and got tokens. */
    boolean hasDrawn(int i) {
        return drawn[i] != NONE;
    }

    /** Further texts that begin in this step, of all requests. */
    List<ActiveText.Start> others() {
        return others;
    }

    /** The sampler's index of the n-th of them. */
    int otherDrawn(int n) {
        return othersDrawn.get(n);
    }

    BatchSampler sampler() {
        return sampler;
    }
}
