/**
 * From the engine's events to a generation: a {@link io.llamastreams.serving.result.ResultBuilder} for each prompt gathers them
 * until there is an end, a {@link io.llamastreams.serving.result.CompletionText} for each text cuts it at stop strings.
 *
 * <p>Uses serving's own values and {@code options}. One owner, the session's thread; only {@link
 * io.llamastreams.serving.result.StopStringWatcher} reads along on the engine's thread, with a matcher of its own.
 */
package io.llamastreams.serving.result;
