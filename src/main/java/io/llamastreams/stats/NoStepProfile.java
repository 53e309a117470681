package io.llamastreams.stats;

/** Does nothing. */
final class NoStepProfile implements StepProfile {
    @Override
    public void beginStep() {}

    @Override
    public void lap(StepPhase phase, long waitedNanos) {}

    @Override
    public void endStep(int rows, int logitRows) {}
}
