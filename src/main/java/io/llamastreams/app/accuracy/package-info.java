/**
 * Answers judged against what their request lines expect, for the commands that measure: shares as JSON and as a table, and
 * examples side by side with their truth. Uses {@code evaluation}, {@code app.jsonl} and {@code app.terminal}. Main thread.
 */
package io.llamastreams.app.accuracy;
