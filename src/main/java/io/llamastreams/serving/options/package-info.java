/**
 * A caller's wishes, part by part, with their usual names: {@link io.llamastreams.serving.options.GenerationOptions} holds
 * them, {@link io.llamastreams.serving.options.RequestOptions} tells of each its name, type, range, flag and meaning, and what
 * reads, writes, checks or digests them walks over that list. Knows neither JSON nor Avro nor command lines: they are an
 * {@link io.llamastreams.serving.options.OptionSource} or an {@link io.llamastreams.serving.options.OptionSink}. Uses the JDK
 * alone. Immutable, any thread.
 */
package io.llamastreams.serving.options;
