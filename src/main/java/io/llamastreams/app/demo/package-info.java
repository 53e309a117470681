/**
 * The demonstration in one process: broker, worker, prompts in, completions out, and what the usage topic says of it.
 *
 * <p>May use everything; decides what is shown, but not how a terminal is driven. Main thread.
 */
package io.llamastreams.app.demo;
