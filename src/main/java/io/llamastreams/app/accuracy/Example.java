package io.llamastreams.app.accuracy;

import io.llamastreams.evaluation.Expected;
import io.llamastreams.evaluation.Verdict;
import io.llamastreams.serving.Generation;

/** A prompt with its right answer, the model's, and what the comparison has found. */
public record Example(String question, Expected expected, Generation generation, Verdict verdict) {}
