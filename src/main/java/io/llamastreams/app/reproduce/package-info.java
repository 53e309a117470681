/**
 * Completions made a second time and held against what was recorded. Uses serving, {@code app.batch}, {@code app.jsonl} and
 * {@code app.client}. Main thread; the engine has its own.
 */
package io.llamastreams.app.reproduce;
