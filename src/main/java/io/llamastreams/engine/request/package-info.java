/**
 * The values that go into the engine and come out of it. Uses the JDK alone. Immutable, any thread.
 */
package io.llamastreams.engine.request;
