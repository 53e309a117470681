/**
 * Measures a model's speed: forward passes alone ({@link io.llamastreams.app.bench.ForwardBench}), and where the time of a
 * serving engine's steps goes ({@link io.llamastreams.app.bench.EngineProfile}), set against what the machine can do. No Kafka.
 * Runs on the command's thread; the engine that is profiled has its own.
 */
package io.llamastreams.app.bench;
