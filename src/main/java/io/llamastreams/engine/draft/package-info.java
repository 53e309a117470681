/**
 * Guesses of tokens that may come next, from the text itself and without a second model. A step verifies them; a wrong guess
 * costs time and changes nothing. Uses the JDK alone. Engine thread only.
 */
package io.llamastreams.engine.draft;
