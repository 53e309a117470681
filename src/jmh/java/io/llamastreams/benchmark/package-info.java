/**
 * Benchmarks of single operations with JMH, run by {@link io.llamastreams.benchmark.RunBenchmarks}, and the writer of model
 * files with random weights. Not part of the normal build and of the program.
 */
package io.llamastreams.benchmark;
