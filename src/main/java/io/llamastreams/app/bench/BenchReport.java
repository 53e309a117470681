package io.llamastreams.app.bench;

import java.util.List;

/** Takes the figures of a run as they come, in any order. */
public interface BenchReport {

    void speed(Point point, Speed speed);

    void limits(MachineLimits limits);

    /** Where the time of a point's steps goes, and how fast its matrices go. */
    void profile(Point point, StepTimes times, List<MatrixGroup> matrices, MachineLimits limits);

    /** @param peakBytes most memory that the process has had resident */
    void memory(long peakBytes);
}
