/**
 * What is computed in the next step: there are no phases, a {@link io.llamastreams.engine.schedule.Sequence} has known and
 * computed tokens, and each {@link io.llamastreams.engine.schedule.StepPlan} takes some of the difference for some of
 * them. Integers only. Uses engine.cache and the JDK. Engine thread only.
 */
package io.llamastreams.engine.schedule;
