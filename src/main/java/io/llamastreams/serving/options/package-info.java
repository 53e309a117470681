/**
 * A caller's wishes, part by part, with their usual names and not yet checked: see
 * {@link io.llamastreams.serving.options.GenerationOptions}. Uses the JDK alone. Immutable, any thread.
 */
package io.llamastreams.serving.options;
