package io.llamastreams.grammar.mask;

/**
 * The tokens that fit behind a node whatever lies below it, and a walk over those for which that matters: the rule's text may
 * end inside of them. Immutable; any thread.
 *
 * @param inside the former; its needed bytes are those by which the way to the rule's end may become longer than it was
 * @param labels last byte of each node of the walk
 * @param depths bytes of its path
 * @param ends first node behind those below it
 * @param trieNodes node of the vocabulary's tree whose tokens are meant, or -1 where only those below are
 */
record NodeMask(TokenSet inside, byte[] labels, int[] depths, int[] ends, int[] trieNodes) {}
