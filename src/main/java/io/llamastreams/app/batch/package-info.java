/**
 * Bulk generation without Kafka: request lines through an engine into completion lines. Uses serving and {@code app.jsonl}. Main
 * thread; the engine has its own.
 */
package io.llamastreams.app.batch;
