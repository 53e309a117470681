package io.llamastreams.serving.options;

import java.util.List;
import java.util.Optional;

/**
 * The caller's wishes, with their usual names and not yet checked.
 *
 * @param task what is to be done; anything but generating a text has no use for most of the rest
 * @param samples how many texts
 * @param sampling how tokens are drawn
 * @param ending when a text ends
 * @param report what is told besides
 * @param structure the form that a text must have; empty for none
 */
public record GenerationOptions(
        Task task,
        SampleOptions samples,
        SamplingOptions sampling,
        EndingOptions ending,
        ReportOptions report,
        Optional<Structure> structure) {

    public static final int DEFAULT_MAX_NEW_TOKENS = EndingOptions.DEFAULT_MAX_NEW_TOKENS;

    /** One greedy text of up to 256 tokens. */
    public static final GenerationOptions DEFAULT = new GenerationOptions(
            new Task.Generate(),
            SampleOptions.ONE,
            SamplingOptions.GREEDY,
            EndingOptions.DEFAULT,
            ReportOptions.NONE,
            Optional.empty());

    public int maxNewTokens() {
        return ending.maxNewTokens();
    }

    public Optional<Long> seed() {
        return sampling.seed();
    }

    public GenerationOptions withTask(Task newTask) {
        return new GenerationOptions(newTask, samples, sampling, ending, report, structure);
    }

    public GenerationOptions withSamples(SampleOptions newSamples) {
        return new GenerationOptions(task, newSamples, sampling, ending, report, structure);
    }

    public GenerationOptions withSampling(SamplingOptions newSampling) {
        return new GenerationOptions(task, samples, newSampling, ending, report, structure);
    }

    public GenerationOptions withEnding(EndingOptions newEnding) {
        return new GenerationOptions(task, samples, sampling, newEnding, report, structure);
    }

    public GenerationOptions withReport(ReportOptions newReport) {
        return new GenerationOptions(task, samples, sampling, ending, newReport, structure);
    }

    public GenerationOptions withStructure(Structure newStructure) {
        return new GenerationOptions(task, samples, sampling, ending, report, Optional.of(newStructure));
    }

    public GenerationOptions withMaxNewTokens(int newMaxNewTokens) {
        return withEnding(ending.withMaxNewTokens(newMaxNewTokens));
    }

    public GenerationOptions withSeed(long newSeed) {
        return withSampling(sampling.withSeed(newSeed));
    }

    public GenerationOptions withStop(List<String> newStop) {
        return withEnding(ending.withStop(newStop));
    }

    /** With the log-probability of each token, and of as many likeliest ones at its place. */
    public GenerationOptions withLogprobs(int likeliest) {
        return withReport(report.withLogprobs(likeliest));
    }
}
