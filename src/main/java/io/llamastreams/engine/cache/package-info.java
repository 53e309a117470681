/**
 * Who holds which block of the KV memory: {@link io.llamastreams.engine.cache.BlockPool} gives blocks out and takes them
 * back by reference count, {@link io.llamastreams.engine.cache.BlockTable} is what one sequence holds, and full blocks of
 * computed tokens are found again by their tokens. Integers only: no floats and no model, so all of it is tested without
 * one. Uses the JDK alone. Engine thread only.
 */
package io.llamastreams.engine.cache;
