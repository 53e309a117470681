/**
 * JSON Schemas, written as rules of compact JSON. {@code SchemaReader} reads what a schema says by itself, {@code
 * SchemaExpander} merges in what it says by other schemas and comes down to alternatives, {@code Disjointness} keeps those of a
 * {@code oneOf} apart, {@link io.llamastreams.grammar.schema.SchemaCompiler} writes them as rules with the help of a class for
 * each JSON type.
 *
 * <p>Uses {@code regex}, {@code rule}, {@code automaton} and Jackson; of its classes the door uses the compiler, and {@link
 * io.llamastreams.grammar.schema.JsonRules} for any JSON. The thread that compiles.
 */
package io.llamastreams.grammar.schema;
