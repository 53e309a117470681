package io.llamastreams.engine;

import io.llamastreams.engine.cache.BlockPool;
import io.llamastreams.engine.draft.DraftSource;
import io.llamastreams.engine.request.DecodingControl;
import io.llamastreams.engine.sampling.SampleState;
import io.llamastreams.engine.schedule.Sequence;

/** One text of a request inside the engine: its sequence, and what says how it goes on. Engine thread only. */
final class ActiveText extends Sequence {
    private final ActiveRequest request;
    private final Start start;
    private final DraftSource drafts = new DraftSource();

    /**
     * What a text begins with besides its prompt.
     *
     * @param sample which of the request's texts it is
     */
    record Start(int sample, DecodingControl control, SampleState drawing) {}

    /** The first text of a request. */
    ActiveText(long arrival, ActiveRequest request, Start start, BlockPool pool) {
        super(
                arrival,
                request.schedulingKey(),
                request.prompt(),
                request.request().madeIds(),
                request.maxTokens(),
                pool);
        this.request = request;
        this.start = start;
    }

    /** A further text of the request of another one, which is at the end of its prompt. */
    ActiveText(long arrival, ActiveText first, Start start, BlockPool pool) {
        super(arrival, first, pool);
        request = first.request;
        this.start = start;
    }

    ActiveRequest request() {
        return request;
    }

    int sample() {
        return start.sample();
    }

    DecodingControl control() {
        return start.control();
    }

    SampleState drawing() {
        return start.drawing();
    }

    DraftSource drafts() {
        return drafts;
    }

    /** New tokens that it may still get. */
    int unmadeTokens() {
        return maxTokens() - known();
    }
}
