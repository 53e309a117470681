package io.llamastreams.grammar.schema;

/**
 * One of the sets of values that a schema comes down to.
 *
 * @param isImplied whether it is there only since nothing was said of types; where anything was, texts leave it out
 */
record Alternative(ValueSet values, boolean isImplied) {}
