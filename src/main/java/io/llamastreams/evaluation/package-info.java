/**
 * How right answers are: each is compared with what was expected, a field at a time where that is a JSON object, and shares are
 * counted.
 *
 * <p>Values and arithmetic, with Jackson for reading JSON; knows nothing of models, engines or Kafka. Used by {@code app} only.
 * One thread for an {@link io.llamastreams.evaluation.AccuracyCounter}, any for the rest.
 */
package io.llamastreams.evaluation;
