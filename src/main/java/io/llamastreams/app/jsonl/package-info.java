/**
 * Lines of JSON at the edge: request lines in, completion lines out, the same for all commands. Uses Jackson and the values of
 * serving. A bad line is a value ({@link io.llamastreams.app.jsonl.RequestLine.Refused}), never an exception. Readers belong
 * to one thread; the rest is stateless.
 */
package io.llamastreams.app.jsonl;
