/**
 * Coverage-guided fuzzing with Jazzer of everything that reads what others wrote. Each target is a class with a method {@code
 * fuzzerTestOneInput}, which states what must hold for any bytes and not only that nothing crashes. The corpus lies in {@code
 * src/test/resources/fuzz}; inputs that once found a fault are part of it.
 */
package io.llamastreams.fuzz;
