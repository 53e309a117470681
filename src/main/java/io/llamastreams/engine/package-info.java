/**
 * The engine: many requests share each forward pass, and join and leave at every step.
 *
 * <p>{@link io.llamastreams.engine.Engine} is one step (schedule, forward, sample, update) and belongs to one thread;
 * {@link io.llamastreams.engine.EngineLoop} is that thread; {@link io.llamastreams.engine.EnginePort} is the only door that
 * any thread may use, and {@link io.llamastreams.engine.Outbox} is where the answers of one owner come out. Uses model and
 * tensor. Threads, queues and atomics occur in EngineLoop, EnginePort and Outbox alone.
 */
package io.llamastreams.engine;
