/**
 * The operations as vector code: the only users of {@code jdk.incubator.vector}.
 *
 * <p>{@link io.llamastreams.tensor.vector.KernelProvider} chooses an implementation. The vector classes fix their width in
 * static finals, as the compiler needs it; a width other than the processor's own is had by loading them once more through a
 * loader that tells them theirs. Classes named {@code ...Tiles} are written by {@code src/tiles}.
 *
 * <h2>Which loop when</h2>
 *
 * {@link io.llamastreams.tensor.vector.TileChoice} decides by type of the weights, rows of the input and bits of a vector; a test
 * records which loops run. {@code 2x8} are two vectors of weight rows times a tile of 8 input rows. Rows come in tiles of 4, and
 * with vectors of 512 bits in tiles of 8 and of 4, such that few are filled up; three of 8 are the 24 rows of the table.
 *
 * <pre>
 * weights    rows            512 bits                               256 and 128 bits                   why
 * F32        1               floats2                                floats4                            (1)
 *            more            PlainTiles 2x8, 2x4, in the panel      PlainTiles 2x4, in the panel       (2) (3)
 * F16, BF16  1               halves2, bfloats2                      halves4, bfloats4                  (1)
 *            more            decoded, PlainTiles 2x8, 2x4           decoded, PlainTiles 2x4            (2)
 * Q8_0       1               FloatProducts.bytes                    ShortProducts.bytes2               (4)
 *            2-24 or 2-4     Q8PanelTiles 2x8, 2x4                  Q8PanelTiles 2x4                   (5)
 *            more            decoded, DecodedFloatTiles 2x8, 2x4    decoded, DecodedFloatTiles 2x4     (2)
 * Q4_0       1               nibbles1                               nibbles2                           (6) (7)
 *            2-24 or 2-4     Q4PanelTiles 1x8 (sums only), 1x4      Q4PanelTiles 1x4                   (5) (6) (8)
 *            more            decoded, DecodedShortTiles 1x8, 1x4    decoded, DecodedShortTiles 2x4     (6)
 *
 * keys and values of F32, F16, by queries: tiles of 8 (512 bits) and of 4 with two vectors each, then single queries with
 * 8 vectors of F32 or 4 of F16                                                                         (2)
 * training: tiles of 8 (512 bits), 4 and 1 rows or columns with two vectors each                       (2)
 * </pre>
 *
 * Measured, on two cores unless it says otherwise:
 *
 * <ol>
 *   <li>One row is read at the speed of memory. Four vectors side by side, whole lines of the cache, read 41 GB/s at 256 bits
 *       where two read 25. At 512 bits two are a line; four k at a time with their loads first reach that speed from the first
 *       run on, instead of a quarter of it.
 *   <li>Two vectors with 8 rows take 16 registers for sums, which only processors with vectors of 512 bits have to spare: 32. The
 *       others have 16 in all, of which 4 rows take 8.
 *   <li>Copied into an array first, vectors of F32 lie across lines: [4096, 768], one thread, 64 rows 93 GOP/s, in the panel 107;
 *       16 rows 56 and 105.
 *   <li>Below 512 bits to turn bytes into floats takes longer than the products: 16,384 x 4,096 from memory 15.4 GB/s, in 16-bit
 *       lanes 17.8. In 16 bits only two products have an exact sum; a second sum, of upper bytes, tells the
 *       rest. Tiles stay in floats: rows share what turning bytes into floats costs.
 *   <li>To decode a chunk costs about as much as the products with one tile. With weights from memory it pays for more than three
 *       tiles at 512 bits, for more than one below; 16 rows at 512 bits: Q8_0 70 and 82 GOP/s, Q4_0 88 and 101.
 *   <li>32 products of Q4_0 have an exact sum in 16 bits, so a vector holds twice as many sums as with floats: 2,048 x 2,048 at 256
 *       bits 28 and 57 GOP/s for one row, 63 and 107 to 127 for 4, 108 and 176 to 181 for 32.
 *   <li>A vector of 512 bits holds a panel's 32 rows, so one is enough; two bytes at a time keep two chains of additions. Nibbles
 *       stay unsigned: 42 and 48 GB/s from the cache at 512 bits, 35 and 40 at 256.
 *   <li>With scaling in it the method for 8 rows is at the limit of what the compiler inlines, and sometimes beyond: then vectors
 *       are objects, and a model of 1.1B parameters makes 6 tokens per second. So it leaves sums of blocks to another method.
 * </ol>
 */
package io.llamastreams.tensor.vector;
