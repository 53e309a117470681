/**
 * Writes the register tiles of {@code io.llamastreams.tensor.vector}: loops that differ in a load, in how many rows or vectors
 * they hold, or in how a block's sum is added, each unrolled in a method of its own. They cannot share a helper, since vectors
 * that are passed to a method that is not inlined are objects, nor hold their sums in an array, which would lie in memory.
 *
 * <p>A program of the build: Maven runs it from its sources in {@code generate-sources}; what it writes is ordinary Java in
 * {@code target/generated-sources/tiles}, for compiler and debugger alike. It is not kept in the tree, as the record classes are
 * not: nobody should read eight rows of a loop eight times, or mend one of them alone.
 *
 * <p>Read {@link io.llamastreams.tiles.TileTemplate} first, then a class of tiles: its text is the loop once. Number formats are rows
 * of the table in {@link io.llamastreams.tiles.BlockTiles}.
 */
package io.llamastreams.tiles;
