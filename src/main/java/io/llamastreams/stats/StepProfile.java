package io.llamastreams.stats;

/**
 * Hears where the time of an engine's steps goes. The engine's thread calls, for each step: {@link #beginStep}, any number of
 * laps, {@link #endStep}. A step that found nothing to do is begun and not ended.
 *
 * <p>Asked once per phase, never inside a loop over numbers: with {@link #OFF} it costs a call that does nothing.
 */
public interface StepProfile {

    /** Hears nothing and reads no clock. */
    StepProfile OFF = new NoStepProfile();

    void beginStep();

    /**
     * The time since the last lap, or since the beginning, belongs to a phase.
     *
     * @param waitedNanos how much of it threads waited for each other, as the mean of all of them
     */
    void lap(StepPhase phase, long waitedNanos);

    /**
     * The step is over.
     *
     * @param rows tokens that it computed
     * @param logitRows those of them whose logits were wanted
     */
    void endStep(int rows, int logitRows);
}
