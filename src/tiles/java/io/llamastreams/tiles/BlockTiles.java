package io.llamastreams.tiles;

import static io.llamastreams.tiles.BlockTiles.BlockSum.ADDED;
import static io.llamastreams.tiles.BlockTiles.BlockSum.LEFT;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tiles of weights in blocks of 32 numbers with a scale: {where numbers come from} x {1 | 2 weight vectors} x {4 | 8 input rows}
 * x {how a block's sum is added}. A row of {@link #TABLE} is a class.
 *
 * @param constants of the class, beside the sizes of panel and block
 * @param lanes what a sum's lanes are
 * @param memory where the method finds weights and sums
 * @param steps in which the numbers of a block are taken
 * @param parts code of these weights: {@code place} of the block's numbers, {@code load} of those at step k into {@code {v}w},
 *     {@code scales} of the block; perhaps {@code multiply} with an input row, where it differs from that of the lanes
 */
record BlockTiles(
        String name,
        String comment,
        String constants,
        SumLanes lanes,
        Memory memory,
        String steps,
        Map<String, String> parts,
        List<Tile> tiles) {
    private static final BlockTiles DECODED_FLOATS = new BlockTiles(
            "DecodedFloatTiles",
            """
            Register tiles of quantised weights that were decoded to floats: two vectors of weight rows times 4 or 8 input rows, each
            pair with its own sum in a register. A block's sums are scaled and added at its end.
            """,
            "",
            SumLanes.FLOATS,
            Memory.SCRATCH,
            "BLOCK",
            Map.of(
                    "place",
                    "int tileAt = block * BLOCK * ROWS + v;",
                    "load",
                    "each vector: FloatVector {v}w = FloatVector.fromArray(F, tile, tileAt + k * ROWS{+v});",
                    "scales",
                    "each vector: FloatVector {v}s = FloatVector.fromArray(F, scales, block * ROWS + v{+v});"),
            List.of(new Tile(2, 8, ADDED), new Tile(2, 4, ADDED)));

    private static final BlockTiles DECODED_SHORTS = new BlockTiles(
            "DecodedShortTiles",
            """
            Register tiles of quantised weights that were decoded to shorts: one or two vectors of weight rows times 4 or 8 input rows,
            each pair with its own sum in a register. A block's sums are widened, scaled and added at its end, in the order of
            {@link ShortProducts}.

            <p>The methods are too large to be inlined into their callers, and must stay so: vectors in a caller that grows past the
            compiler's limits would be objects.
            """,
            """

            /** Weight rows in a vector: 8, 16 or 32. */
            private static final int W_LENGTH = 2 * L;
            """,
            SumLanes.SHORTS,
            Memory.SCRATCH,
            "BLOCK",
            Map.of(
                    "place",
                    "int tileAt = block * BLOCK * ROWS + v;",
                    "load",
                    "each vector: ShortVector {v}w = ShortVector.fromArray(W, tile, tileAt + k * ROWS{+v});",
                    "scales",
                    """
                    each vector {
                        FloatVector {v}e = FloatVector.fromArray(F, scales, block * ROWS + v{+v});
                        FloatVector {v}o = FloatVector.fromArray(F, scales, block * ROWS + v{+v} + L);
                    }
                    """),
            List.of(new Tile(1, 4, ADDED), new Tile(2, 4, ADDED), new Tile(1, 8, ADDED)));

    private static final BlockTiles Q8_PANEL = new BlockTiles(
            "Q8PanelTiles",
            """
            Register tiles that take weights of Q8_0 straight from a panel's memory, for inputs of few tiles: to write weights out as
            {@link DecodedFloatTiles} wants them would cost as much as the products with one tile. The same sums as there.

            <p>Scales of f16 become floats as {@link Lanes#halfToFloat} makes them, written out: called here it would put vectors on
            the heap. The methods are too large to be inlined, and must stay so: see {@link DecodedShortTiles}.
            """,
            """

            /** Bytes of the scales of a block's 32 rows. */
            private static final int SCALE_BYTES = 2 * ROWS;

            private static final int BLOCK_BYTES = SCALE_BYTES + BLOCK * ROWS;
            """,
            SumLanes.FLOATS,
            Memory.PANEL,
            "BLOCK",
            Map.of(
                    "place",
                    "long byteAt = at + (long) BLOCK_BYTES * block + SCALE_BYTES + v;",
                    "load",
                    """
                    long row = byteAt + ROWS * k;
                    each vector {
                        FloatVector {v}w = (FloatVector) ByteVector.fromMemorySegment(B, data, row{+v}, LE)
                                .convertShape(VectorOperators.B2F, F, 0);
                    }
                    """,
                    "scales",
                    """
                    long scaleAt = at + (long) BLOCK_BYTES * block + 2L * v;
                    each vector {
                        FloatVector {v}s = ((IntVector) ShortVector.fromMemorySegment(S, data, scaleAt{+v*2L}, LE)
                                        .convertShape(VectorOperators.S2I, I, 0))
                                .lanewise(VectorOperators.LSHL, 13)
                                .and(HALF)
                                .reinterpretAsFloats()
                                .mul(HALF_SCALE);
                    }
                    """),
            List.of(new Tile(2, 4, ADDED), new Tile(2, 8, ADDED)));

    private static final BlockTiles Q4_PANEL = new BlockTiles(
            "Q4PanelTiles",
            """
            Register tiles that take weights of Q4_0 straight from a panel's memory, as {@link Q8PanelTiles} those of Q8_0, in lanes of
            16 bits: the sums of {@link DecodedShortTiles}. Conversions are written out, and the methods too large to be inlined, for the
            same reasons.
            """,
            """

            /** Of an input row's sums of blocks. */
            private static final int STRIDE = MultiplyScratch.CHUNK / BLOCK * ROWS;

            /** Bytes of the scales of a block's 32 rows. */
            private static final int SCALE_BYTES = 2 * ROWS;

            private static final int BLOCK_BYTES = SCALE_BYTES + BLOCK / 2 * ROWS;
            """,
            SumLanes.SHORTS,
            Memory.PANEL,
            "BLOCK / 2",
            Map.of(
                    "place",
                    "long byteAt = at + (long) BLOCK_BYTES * block + SCALE_BYTES + v;",
                    "load",
                    """
                    ShortVector both = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * k, LE)
                            .convertShape(VectorOperators.ZERO_EXTEND_B2S, W, 0);
                    ShortVector lower = both.and((short) 15).sub((short) 8);
                    ShortVector upper = both.lanewise(VectorOperators.LSHR, 4).sub((short) 8);
                    """,
                    "multiply",
                    """
                    ShortVector x{row} = IntVector.broadcast(I, x[pairAt + k + {row} * BLOCK]).reinterpretAsShorts();
                    a{row} = a{row}.add(lower.mul(x{row}));
                    ShortVector y{row} = IntVector.broadcast(I, x[pairAt + k + {row} * BLOCK + BLOCK / 2])
                            .reinterpretAsShorts();
                    a{row} = a{row}.add(upper.mul(y{row}));
                    """,
                    "scales",
                    """
                    long scaleAt = at + (long) BLOCK_BYTES * block + 2L * v;
                    IntVector halves = ShortVector.fromMemorySegment(W, data, scaleAt, LE).reinterpretAsInts();
                    FloatVector ae = halves.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 3)
                            .and(HALF)
                            .reinterpretAsFloats()
                            .mul(HALF_SCALE);
                    FloatVector ao = halves.lanewise(VectorOperators.ASHR, 3)
                            .and(HALF)
                            .reinterpretAsFloats()
                            .mul(HALF_SCALE);
                    """),
            List.of(new Tile(1, 4, ADDED), new Tile(1, 8, LEFT)));

    static final List<BlockTiles> TABLE = List.of(DECODED_FLOATS, DECODED_SHORTS, Q8_PANEL, Q4_PANEL);

    /** One method: so many vectors of weight rows times so many input rows. */
    record Tile(int vectors, int rows, BlockSum sum) {
        String method() {
            return (sum == LEFT ? "blockSums" : "tile") + vectors + "x" + rows;
        }
    }

    /** What becomes of a block's sum. */
    enum BlockSum {
        ADDED("""
                // Scaled and added.
                <scales>
                int s = xScaleAt + block * {rows};
                each row, vector {
                    <add>
                }
                """),
        LEFT("""
                // Left to be scaled.
                int to = block * ROWS + v;
                each row, vector: {v}{row}.intoArray(out, to + {row} * STRIDE{+v});
                """);

        private final String end;

        BlockSum(String end) {
            this.end = end;
        }
    }

    /** What the lanes of sums are. */
    enum SumLanes {
        FLOATS(
                "L",
                Map.of(
                        "input",
                        "float[] x = input.values();",
                        "zeros",
                        """
                        FloatVector zero = FloatVector.zero(F);
                        each row, vector: FloatVector {v}{row} = zero;
                        """,
                        "inputPlace",
                        "int valueAt = xAt + block * BLOCK * {rows};",
                        "multiply",
                        """
                        FloatVector x{row} = FloatVector.broadcast(F, x[valueAt + k * {rows} + {row}]);
                        each vector: {v}{row} = {v}w.fma(x{row}, {v}{row});
                        """,
                        "add",
                        """
                        {v}{row}.fma({v}s.mul(xScales[s + {row}]), FloatVector.fromArray(F, sums, to + {row} * ROWS{+v}))
                                .intoArray(sums, to + {row} * ROWS{+v});
                        """)),
        /** A sum is widened into floats of the even rows and of the odd ones. */
        SHORTS(
                "W_LENGTH",
                Map.of(
                        "input",
                        "int[] x = input.pairs();",
                        "zeros",
                        """
                        ShortVector zero = ShortVector.zero(W);
                        each row, vector: ShortVector {v}{row} = zero;
                        """,
                        "inputPlace",
                        "int pairAt = xAt + block * {rows} * BLOCK;",
                        "multiply",
                        """
                        ShortVector x{row} = IntVector.broadcast(I, x[pairAt + k + {row} * BLOCK]).reinterpretAsShorts();
                        each vector: {v}{row} = {v}{row}.add({v}w.mul(x{row}));
                        """,
                        "add",
                        """
                        IntVector i{v}{row} = {v}{row}.reinterpretAsInts();
                        ((FloatVector) i{v}{row}.lanewise(VectorOperators.LSHL, 16)
                                        .lanewise(VectorOperators.ASHR, 16)
                                        .convertShape(VectorOperators.I2F, F, 0))
                                .fma({v}e.mul(xScales[s + {row}]), FloatVector.fromArray(F, sums, to + {row} * ROWS{+v}))
                                .intoArray(sums, to + {row} * ROWS{+v});
                        ((FloatVector) i{v}{row}.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                                .fma({v}o.mul(xScales[s + {row}]), FloatVector.fromArray(F, sums, to + {row} * ROWS{+v} + L))
                                .intoArray(sums, to + {row} * ROWS{+v} + L);
                        """));

        private final String vectorRows;
        private final Map<String, String> parts;

        SumLanes(String vectorRows, Map<String, String> parts) {
            this.vectorRows = vectorRows;
            this.parts = parts;
        }
    }

    /** Where a method finds weights and sums. */
    enum Memory {
        SCRATCH("""
                /** {vectors}, {rows} input rows. */
                static void {method}(
                        MultiplyScratch scratch, int v, int blocks, PackedInput input, int xAt, int xScaleAt, int to) {
                    {numbers}[] tile = scratch.{tile};
                    float[] scales = scratch.scales;
                    float[] sums = scratch.sums;
                    <input>
                    float[] xScales = input.scales();
                    <blocks>
                }
                """),
        PANEL("""
                /**
                 * {vectors}, {rows} input rows.
                 *
                 * @param at where the panel begins
                 * @param v first weight row of the panel
                 * @param xAt where the values of the input rows begin
                 * @param xScaleAt where their scales begin
                 * @param sums to which is added, [input row][32]; {@code to} is weight row v of the first input row
                 */
                @SuppressWarnings("NarrowCalculation") // within a block
                static void {method}(
                        MemorySegment data,
                        long at,
                        int v,
                        int blocks,
                        PackedInput input,
                        int xAt,
                        int xScaleAt,
                        float[] sums,
                        int to) {
                    <input>
                    float[] xScales = input.scales();
                    <blocks>
                }
                """);

        private final String method;

        Memory(String method) {
            this.method = method;
        }
    }

    /** As {@link Memory#PANEL}, for sums that are left. */
    private static final String LEFT_METHOD = """
            /**
             * {vectors}, {rows} input rows. Leaves sums of blocks, [input row][CHUNK / 32][32] of {@code out}: with their scaling
             * in here this would grow to the compiler's limits, beyond which vectors are objects and all is 20 times slower, now and
             * then.
             *
             * @param at where the blocks begin
             * @param v first weight row of the panel
             * @param xAt where the values of the input rows begin
             */
            @SuppressWarnings("NarrowCalculation") // within a block
            static void {method}(MemorySegment data, long at, int v, int blocks, int[] x, int xAt, short[] out) {
                <blocks>
            }
            """;

    private static final String BLOCKS = """
            for (int block = 0; block < blocks; block++) {
                // The block's sums: a letter for each vector of weight rows, a number for each input row.
                <zeros>
                <place>
                <inputPlace>
                for (int k = 0; k < {steps}; k++) {
                    <load>
                    each row {
                        <multiply>
                    }
                }
                <end>
            }
            """;

    JavaClass javaClass() {
        String sizes = """
                private static final int ROWS = PanelMatrix.PANEL_ROWS;
                private static final int BLOCK = PanelMatrix.BLOCK;
                """;
        return new JavaClass(
                name,
                comment,
                sizes + constants,
                tiles.stream().map(this::method).toList());
    }

    private String method(Tile tile) {
        Map<String, String> all = new HashMap<>(lanes.parts);
        all.putAll(parts);
        all.put("end", TileTemplate.fill(tile.sum.end, all));
        all.put("blocks", TileTemplate.fill(BLOCKS, all));
        String method = TileTemplate.fill(tile.sum == LEFT ? LEFT_METHOD : memory.method, all)
                .replace("{vectors}", tile.vectors == 1 ? "One vector of weight rows" : "Two vectors of weight rows")
                .replace("{method}", tile.method())
                .replace("{steps}", steps)
                .replace("{numbers}", lanes == SumLanes.FLOATS ? "float" : "short")
                .replace("{tile}", lanes == SumLanes.FLOATS ? "tile" : "shortTile");
        return new TileTemplate(tile.rows, tile.vectors, lanes.vectorRows).expand(method);
    }
}
